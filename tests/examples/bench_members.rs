//! What a page for members costs while things change, measured on the real binary with the demo's data: a thousand members in
//! rotation ask for a gated page with three blocks, one request in a hundred writes what the blocks show, and each answer is
//! looked at: it has what was acknowledged before it was asked for, and the name of whoever asked. Beside it, in the same run,
//! the rate of the public page. `cargo xtask bench` runs it with optimisation.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use anyhow::{Context, Result, bail, ensure};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tsudoi_tests::running::Running;
use tsudoi_tests::server::{command, free_ports};
use tsudoi_tests::{CLUB, Visitor};

const MEMBERS: u64 = 1_000;
/// Every so many requests one writes.
const WRITING: u64 = 100;
/// Members who have the form of a new thread open.
const WRITERS: u64 = 20;
const CONNECTIONS: u64 = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(4);
/// Requests of the round in which statements and calls are counted, one after another.
const COUNTED: u64 = 1_000;
/// Writings that are timed one after another.
const ALONE: u64 = 200;
const SLUG: &str = "hoshizora";
const PAGE: &str = "/three-blocks";

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure())
}

async fn measure() -> Result<()> {
    let data = tempfile::tempdir()?;
    let port = free_ports();
    let server = start(data.path(), port, None).await?;
    publish(port).await?;
    fill(data.path())?;
    server.stop()?;

    let log = data.path().join("calls.log");
    let server = start(data.path(), port, Some(&log)).await?;
    let site = Arc::new(Site::open(port).await?);
    let mut stream = Connection::open(port).await?;
    everybody_has_been_here(&site).await?;
    let calls_so_far = || anyhow::Ok(std::fs::read_to_string(&log)?.matches("a plugin's run").count() as f64);
    let (mut statements, before) = (0, calls_so_far()?);
    for n in 0..COUNTED {
        statements += site.visit(&mut stream, n).await?;
    }
    let calls = calls_so_far()? - before;
    let each = |count: f64| count / COUNTED as f64;
    println!("page for {MEMBERS} members in rotation, three blocks, one request in {WRITING} writes");
    println!("  SQL statements of a request              {:8.2}", each(statements as f64));
    println!("  guest calls of a request                 {:8.2}", each(calls));
    server.stop()?;

    let server = start(data.path(), port, None).await?;
    let site = Arc::new(Site::open(port).await?);
    everybody_has_been_here(&site).await?;
    one_after_another(&site).await?;
    let (mut public, mut gated) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (all, members) = (rate(&site, false).await?, rate(&site, true).await?);
        // The first round warms up.
        if round > 0 {
            public.push(all);
            gated.push(members);
        }
    }
    let (public, gated) = (median(&mut public), median(&mut gated));
    println!("pages a second, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {} s each", ROUND.as_secs());
    println!("  public page                              {public:8.0}");
    println!("  page for members, with the writing       {gated:8.0}  ({:.0} % of it; at least 40)", gated / public * 100.0);
    println!("  answers looked at, none stale            {:8}", site.asked.load(Ordering::Relaxed));
    server.stop()
}

/// In which segments a member is, plugins' rules are asked at the first visit.
async fn everybody_has_been_here(site: &Site) -> Result<()> {
    let mut connection = Connection::open(site.port).await?;
    for n in (0..MEMBERS).filter(|n| n % WRITING < WRITING - 1) {
        site.visit(&mut connection, n).await?;
    }
    Ok(())
}

/// How long a writing takes, and the pages after it, while nobody else asks.
async fn one_after_another(site: &Site) -> Result<()> {
    let mut connection = Connection::open(site.port).await?;
    let mut took: [Vec<f64>; 3] = Default::default();
    for round in 0..ALONE {
        for (place, n) in [WRITING * round + WRITING - 1, 2 * round, 2 * round + 1].into_iter().enumerate() {
            // Whose turn it would be to write, asks for the page too.
            let n = if place > 0 && n % WRITING == WRITING - 1 { n - 1 } else { n };
            let began = Instant::now();
            site.visit(&mut connection, n).await?;
            took[place].push(began.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    let [writing, first, next] = took.each_mut().map(|figures| median(figures));
    println!("one after another, medians of {ALONE} in ms");
    println!("  a writing, the first page after it, another {writing:.1}, {first:.1}, {next:.1}");
    Ok(())
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The demo; with a file, what plugins run is written into it, and answers say how many statements they took.
async fn start(data: &Path, port: u16, log: Option<&Path>) -> Result<Running> {
    let mut command = command(data);
    command.args(["demo", "--port", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(log) = log {
        let file = File::create(log)?;
        command.arg("--dev").env("TSUDOI_LOG_LEVEL", "warn,tsudoi_runtime=debug").stdout(file.try_clone()?).stderr(file);
    }
    let running = Running(command.spawn().context("the binary does not start")?);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        if let Ok(mut connection) = Connection::open(port).await
            && connection.ask(&format!("GET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n")).await.is_ok()
        {
            return Ok(running);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("the server does not answer")
}

/// Staff publish the page.
async fn publish(port: u16) -> Result<()> {
    let staff = Visitor::at(port + CLUB as u16);
    let home = staff.get("/").await;
    staff.submit(&home, "form[action='/demo/role']", &[("role", "staff")]).await;
    let form = staff.get("/admin/pages/new").await;
    let text = "はじめに。\n\n::fan-board/latest-threads{limit=5}\n\n::fan-board/latest-threads{limit=3 board=\"chat\"}\n\n\
                ::fan-board/latest-threads{limit=10}\n\nおわりに。";
    let fields = [("title", "三つの部品"), ("path", PAGE), ("text", text), ("gate", "members"), ("action", "publish")];
    let answer = staff.submit(&form, "form.editor", &fields).await;
    ensure!(answer.status.as_u16() == 303, "{}", answer.readable());
    Ok(())
}

fn fill(data: &Path) -> Result<()> {
    let program = std::env::current_exe()?.with_file_name("many_members");
    let url = format!("sqlite:{}", data.join("demo/tsudoi.db").display());
    let output = Command::new(program).args([&url, SLUG, &MEMBERS.to_string()]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// What the members do, and what they know.
struct Site {
    port: u16,
    /// A token for each writer's form.
    tokens: Vec<String>,
    asked: AtomicU64,
    /// The newest thread that was acknowledged; at first a number above those of a run before.
    written: AtomicU64,
    began: u64,
    writing: tokio::sync::Mutex<()>,
}

impl Site {
    async fn open(port: u16) -> Result<Self> {
        let mut connection = Connection::open(port).await?;
        let mut tokens = Vec::new();
        for writer in 1..=WRITERS {
            let page = connection.ask(&get(port, "/p/fan-board/boards/chat/new", writer)).await?;
            let form = page.body.split("action=\"/p/fan-board/boards/chat/new\"").nth(1).context("a form")?;
            let token = form.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).context("a token")?;
            tokens.push(token.to_owned());
        }
        let began = u64::try_from(std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH)?.as_millis())?;
        let written = AtomicU64::new(began);
        Ok(Self { port, tokens, asked: AtomicU64::default(), written, began, writing: tokio::sync::Mutex::default() })
    }

    /// The next member asks, or writes. Answers how many statements it took, where the answer says so.
    async fn visit(&self, connection: &mut Connection, n: u64) -> Result<u64> {
        if n % WRITING == WRITING - 1 {
            return self.write(connection, n).await;
        }
        let member = n % MEMBERS + 1;
        let known = self.written.load(Ordering::SeqCst);
        let page = connection.ask(&get(self.port, PAGE, member)).await?;
        ensure!(page.status == 200, "{}: {}", page.status, page.body);
        ensure!(page.body.contains(&format!("会員{member}</a>")), "the name of member {member} is not there");
        let shown = page.body.split("thread-").skip(1).filter_map(|rest| rest.split('.').next()?.parse::<u64>().ok()).max();
        // Before the first writing older threads are the newest.
        ensure!(known == self.began || shown >= Some(known), "{shown:?} was shown, {known} was acknowledged");
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(page.statements)
    }

    async fn write(&self, connection: &mut Connection, n: u64) -> Result<u64> {
        // One after another, so that the last one acknowledged is the newest.
        let _turn = self.writing.lock().await;
        let number = self.written.load(Ordering::SeqCst) + 1;
        let writer = n / WRITING % WRITERS + 1;
        let token = &self.tokens[usize::try_from(writer - 1)?];
        let body = format!("_csrf={token}&_call={number}&title=thread-{number}.&body=text");
        let head = format!(
            "POST /p/fan-board/boards/chat/new HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            cookies(writer),
            body.len()
        );
        let page = connection.ask(&head).await?;
        ensure!(page.status == 303, "{}: {}", page.status, page.body);
        self.written.store(number, Ordering::SeqCst);
        Ok(page.statements)
    }
}

/// A seed of one's own for tokens, and the session.
fn cookies(member: u64) -> String {
    format!("tsudoi_seed=seed-{member}; tsudoi_session_{SLUG}=member-{member}")
}

fn get(port: u16, path: &str, member: u64) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {}\r\n\r\n", cookies(member))
}

struct Page {
    status: u16,
    body: String,
    statements: u64,
}

/// It stays open.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    async fn ask(&mut self, request: &str) -> Result<Page> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
            let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
            let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.parse::<u64>().ok());
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
            let length = usize::try_from(header("content-length").context("no length")?)?;
            let statements = header("x-tsudoi-statements").unwrap_or_default();
            while self.buffer.len() < end + length {
                ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
            }
            return Ok(Page { status, body: String::from_utf8_lossy(&self.buffer[end..end + length]).into_owned(), statements });
        }
    }
}

/// Pages a second: the public one, or what the members do.
async fn rate(site: &Arc<Site>, members: bool) -> Result<f64> {
    let (began, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let workers = (0..CONNECTIONS).map(|_| {
        let (site, next) = (site.clone(), next.clone());
        tokio::spawn(async move {
            let mut connection = Connection::open(site.port).await?;
            let public = format!("GET / HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n", site.port);
            let mut answered = 0_u32;
            while began.elapsed() < ROUND {
                if members {
                    site.visit(&mut connection, next.fetch_add(1, Ordering::Relaxed)).await?;
                } else {
                    let page = connection.ask(&public).await?;
                    ensure!(page.status == 200, "{}", page.status);
                }
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
