//! A mail server for tests, which takes what it is sent and behaves badly towards some.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
pub struct Sink {
    /// Recipient and message, of those that were taken.
    pub taken: Mutex<Vec<(String, String)>>,
    pub connections: Mutex<usize>,
    /// Recipients who were told to come later.
    busy: Mutex<BTreeSet<String>>,
}

impl Sink {
    /// Listens until the test is over. Answers where.
    pub async fn open() -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let sink = Arc::new(Self::default());
        let all = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *all.connections.lock().unwrap() += 1;
                let sink = all.clone();
                tokio::spawn(async move { sink.serve(stream).await });
            }
        });
        (sink, url)
    }

    pub fn recipients(&self) -> Vec<String> {
        let mut recipients: Vec<String> = self.taken.lock().unwrap().iter().map(|(to, _)| to.clone()).collect();
        recipients.sort();
        recipients
    }

    /// By the recipient: `busy` comes later once, `nobody` does not exist, `spam` is unwanted, `drop` loses the connection before the
    /// message, `cut` after it, `silent` gets no answer to it, and `full` is refused with it.
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 sink ESMTP\r\n").await.ok()?;
        let mut to = String::new();
        while let Some(line) = lines.next_line().await.ok()? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-sink\r\n250 8BITMIME",
                "RCPT" => {
                    to = line.split_once('<')?.1.split_once('>')?.0.to_owned();
                    match to.split('@').next()? {
                        "busy" if self.busy.lock().unwrap().insert(to.clone()) => "451 4.7.1 come again",
                        "nobody" => "550 5.1.1 no such user",
                        "spam" => "550 5.7.1 unwanted",
                        "drop" => return None,
                        _ => "250 2.1.5 ok",
                    }
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await.ok()?;
                    let mut message = String::new();
                    loop {
                        let line = lines.next_line().await.ok()??;
                        if line == "." {
                            break;
                        }
                        message.push_str(line.strip_prefix('.').unwrap_or(&line));
                        message.push_str("\r\n");
                    }
                    match to.split('@').next()? {
                        "cut" => return None,
                        "silent" => std::future::pending::<()>().await,
                        "full" => {}
                        _ => self.taken.lock().unwrap().push((to.clone(), message)),
                    }
                    if to.starts_with("full@") { "552 5.2.2 mailbox full" } else { "250 2.0.0 taken" }
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}
