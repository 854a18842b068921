//! HTTP on loopback: one thread for each connection, one request on each.

use crate::answer::Answer;
use crate::api::Begun;
use crate::page::Shown;
use crate::state::State;
use crate::{form, lock};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// None: for a request between others that fail.
    Nothing,
    /// Nothing is done, and this status is answered: 429, 500, 503.
    Status(u16),
    /// It does not arrive: nothing is done, and nothing is answered.
    Unheard,
    /// It is done, and the answer does not arrive.
    LostAnswer,
    /// It is at work until [`Stripe::release`](crate::Stripe::release). Whoever asks the same meanwhile hears that.
    Held,
}

/// A request.
pub struct Heard {
    pub method: String,
    pub path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    fn read(stream: &mut impl Read) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        Some(Self { method, path, query, headers, body: String::from_utf8(body).ok()? })
    }

    fn parameters(&self) -> Value {
        let text = if self.method == "POST" { &self.body } else { &self.query };
        form::tree(url::form_urlencoded::parse(text.as_bytes()))
    }
}

pub struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(state: Arc<Mutex<State>>) -> std::io::Result<Self> {
        Self::listening(move |stream| serve(&state, stream))
    }

    /// Each connection has a thread.
    pub fn listening(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let server = Self { address: listener.local_addr()?, is_over: Arc::default() };
        let (is_over, serve) = (server.is_over.clone(), Arc::new(serve));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let serve = serve.clone();
                if let Ok(stream) = stream {
                    std::thread::spawn(move || serve(stream));
                }
            }
        });
        Ok(server)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // So that the thread looks.
        let _ = TcpStream::connect(self.address);
    }
}

pub fn serve(state: &Mutex<State>, mut stream: impl Read + Write) {
    let Some(heard) = Heard::read(&mut stream) else { return };
    let answer = match heard.path.strip_prefix("/c/pay/") {
        Some(session) => Some(page(state, &heard, session)),
        None => api(state, &heard),
    };
    if let Some(answer) = answer {
        let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
    }
}

fn page(state: &Mutex<State>, heard: &Heard, session: &str) -> String {
    let mut state = lock(state);
    let shown = match heard.method.as_str() {
        "POST" => state.press(session, heard.parameters()["button"].as_str().unwrap_or_default()),
        _ => state.show_page(session, ""),
    };
    match shown {
        Shown::Page(html) => http(200, &["content-type: text/html; charset=utf-8"], &html),
        Shown::SeeOther(to) => http(303, &[&format!("location: {to}")], ""),
        Shown::NotFound => http(404, &["content-type: text/plain"], "There is no such page."),
    }
}

/// `None` where no answer arrives.
fn api(state: &Mutex<State>, heard: &Heard) -> Option<String> {
    let parameters = heard.parameters();
    let trouble = lock(state).next_trouble();
    if trouble == Some(Trouble::Unheard) {
        return None;
    }
    if let Some(Trouble::Status(status)) = trouble {
        let (kind, code) = if status == 429 { ("invalid_request_error", Some("rate_limit")) } else { ("api_error", None) };
        lock(state).note(heard, &parameters, status);
        return Some(json(heard, &Answer::error(status, kind, code, "Something went wrong on Stripe's end."), false));
    }
    let begun = lock(state).begin(heard, &parameters);
    let (answer, is_replayed) = match begun {
        Begun::Answered(answer, is_replayed) => (answer, is_replayed),
        Begun::ToDo(key) => {
            if trouble == Some(Trouble::Held) {
                lock(state).held += 1;
                while lock(state).held > 0 {
                    std::thread::park_timeout(Duration::from_millis(5));
                }
            }
            let mut state = lock(state);
            let answer = state.answer(heard, &parameters);
            state.finish(key, &answer);
            (answer, false)
        }
    };
    lock(state).note(heard, &parameters, answer.status);
    (trouble != Some(Trouble::LostAnswer)).then(|| json(heard, &answer, is_replayed))
}

fn json(heard: &Heard, answer: &Answer, is_replayed: bool) -> String {
    let version = format!("stripe-version: {}", heard.header("stripe-version").unwrap_or("2025-09-30.clover"));
    let mut headers = vec!["content-type: application/json", "request-id: req_0000000000", &version];
    let key = heard.header("idempotency-key").map(|key| format!("idempotency-key: {key}"));
    headers.extend(key.as_deref());
    if is_replayed {
        headers.push("idempotent-replayed: true");
    }
    http(answer.status, &headers, &answer.body.to_string())
}

fn http(status: u16, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("HTTP/1.1 {status} -\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}
