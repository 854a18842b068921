//! What commands cost: a plugin's form that reads one document and writes it, through HTTP to the commit, for one organisation
//! and for twenty at once; on SQLite with both kinds of synchronisation, and on PostgreSQL where `TSUDOI_TEST_POSTGRES` names a
//! server. Every answer is checked. `cargo xtask bench` runs it with optimisation.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tsudoi_tests::running::Running;
use tsudoi_tests::server::{command, free_ports, new_postgres_database};

const ORGANISATIONS: usize = 20;
const CONNECTIONS: usize = 40;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// Documents of each organisation that the commands are spread over.
const ENTRIES: u64 = 200;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("commands a second, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {} s each", ROUND.as_secs());
    println!("  {:<24}{:>18}{:>26}", "", "one organisation", format!("{ORGANISATIONS} organisations"));
    let postgres = std::env::var("TSUDOI_TEST_POSTGRES").is_ok().then(|| new_postgres_database(None));
    let databases = [("SQLite, full", "full", None), ("SQLite, normal", "normal", None)];
    let databases = databases.into_iter().chain(postgres.as_ref().map(|url| ("PostgreSQL", "full", Some(url.as_str()))));
    for (name, synchronous, url) in databases {
        let [one, all] = runtime.block_on(measure(synchronous, url))?;
        println!("  {name:<24}{one:>18.0}{all:>26.0}");
    }
    if postgres.is_none() {
        println!("  PostgreSQL: not measured, since TSUDOI_TEST_POSTGRES names no server");
    }
    Ok(())
}

async fn measure(synchronous: &str, url: Option<&str>) -> Result<[f64; 2]> {
    let data = tempfile::tempdir()?;
    let port = free_ports();
    let configured = |arguments: &[&str]| {
        let mut command = command(data.path());
        command.env("TSUDOI_DATABASE_SYNCHRONOUS", synchronous).env("TSUDOI_LISTEN", format!("127.0.0.1:{port}"));
        command.envs(url.map(|url| ("TSUDOI_DATABASE_URL", url))).args(arguments);
        command
    };
    let slugs: Vec<String> = (0..ORGANISATIONS).map(|number| format!("club{number}")).collect();
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-plugins/ledger.wasm").display().to_string();
    let mut install = true;
    for slug in &slugs {
        done(configured(&["organisation", "create", "--slug", slug, "--name", slug]))?;
        if std::mem::take(&mut install) {
            done(configured(&["plugin", "install", &package]))?;
        }
        done(configured(&["plugin", "enable", "ledger", "--organisation", slug, "--yes"]))?;
    }
    let serve = configured(&["serve"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let _running = Running(serve);
    let mut forms = Vec::new();
    for slug in &slugs {
        forms.push(Arc::new(Form::open(port, slug).await?));
    }
    for form in &forms {
        form.seed(port).await?;
    }
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        let (one, all) = (rate(port, &forms[..1]).await?, rate(port, &forms).await?);
        // The first round warms up.
        if round > 0 {
            rates[0].push(one);
            rates[1].push(all);
        }
    }
    Ok(rates.map(|mut rates| {
        rates.sort_unstable_by(f64::total_cmp);
        rates[rates.len() / 2]
    }))
}

fn done(mut command: Command) -> Result<()> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// What a browser knows that has opened the ledger's page.
struct Form {
    slug: String,
    cookie: String,
    token: String,
    count: AtomicU64,
}

impl Form {
    async fn open(port: u16, slug: &str) -> Result<Self> {
        let began = Instant::now();
        let request = format!("GET /p/ledger/ HTTP/1.1\r\nhost: {slug}.localhost:{port}\r\n\r\n");
        let (head, body) = loop {
            match TcpStream::connect(("127.0.0.1", port)).await {
                Ok(mut stream) => break answer(&mut stream, &request).await?,
                Err(_) if began.elapsed() < Duration::from_secs(60) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(error) => bail!("the server does not answer: {error}"),
            }
        };
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).context("a cookie")?;
        let form = body.split("action=\"/p/ledger/pay\"").nth(1).context("a form")?;
        let token = form.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).context("a token")?;
        Ok(Self { slug: slug.to_owned(), cookie: cookie.to_owned(), token: token.to_owned(), count: AtomicU64::new(0) })
    }

    /// A command with these steps, sent once.
    fn request(&self, port: u16, steps: &str) -> String {
        let call = self.count.fetch_add(1, Ordering::Relaxed);
        let steps: String = steps.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("_csrf={}&_call={call}&steps={steps}", self.token);
        format!(
            "POST /p/ledger/steps HTTP/1.1\r\nhost: {}.localhost:{port}\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            self.slug,
            self.cookie,
            body.len()
        )
    }

    async fn seed(&self, port: u16) -> Result<()> {
        let put = |entry| format!(r#"{{"put":{{"entry":{entry},"slot":"{entry}","value":0}}}}"#);
        let steps = format!("[{}]", (0..ENTRIES).map(put).collect::<Vec<_>>().join(","));
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let (_, body) = answer(&mut stream, &self.request(port, &steps)).await?;
        ensure!(body.matches("done").count() as u64 == ENTRIES, "{}: {body}", self.slug);
        Ok(())
    }
}

async fn answer(stream: &mut TcpStream, request: &str) -> Result<(String, String)> {
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    loop {
        ensure!(stream.read_buf(&mut buffer).await? > 0, "the connection was closed");
        let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else { continue };
        let text = String::from_utf8(buffer[..head].to_vec())?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok()).context("a length")?;
        while buffer.len() < head + length {
            ensure!(stream.read_buf(&mut buffer).await? > 0, "the connection was closed");
        }
        let body = String::from_utf8_lossy(&buffer[head..head + length]).into_owned();
        ensure!(text.starts_with("HTTP/1.1 200"), "{}\n{body}", text.lines().next().unwrap_or_default());
        return Ok((text, body));
    }
}

/// Commands a second, over connections that stay open; each is answered before the next is sent.
async fn rate(port: u16, forms: &[Arc<Form>]) -> Result<f64> {
    let began = Instant::now();
    let workers = (0..CONNECTIONS).map(|worker| {
        let form = forms[worker % forms.len()].clone();
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            let mut answered = 0_u32;
            while began.elapsed() < ROUND {
                // Spread over the documents: some of those at the same time meet all the same.
                let entry = (u64::from(answered) * 31 + worker as u64 * 7) % ENTRIES;
                let request = form.request(port, &format!(r#"[{{"add":{{"entry":{entry},"value":1}}}}]"#));
                let (_, body) = answer(&mut stream, &request).await?;
                ensure!(body == r#"["done"]"#, "{body}");
                answered += 1;
            }
            anyhow::Ok(answered)
        })
    });
    let mut answered = 0;
    for worker in workers.collect::<Vec<_>>() {
        answered += worker.await??;
    }
    Ok(f64::from(answered) / began.elapsed().as_secs_f64())
}
