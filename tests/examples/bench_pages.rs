//! What serving costs, measured on the real binary with the demo's data: the first answer after starting, memory while
//! idle and after load, and how many pages a second it gives, beside a bare axum handler that answers the same bytes.
//!
//! Both run as processes of their own and take turns; one generator with sixteen connections asks both. `cargo xtask
//! bench` runs it with optimisation; without, the figures mean little. `TSUDOI_TEST_BINARY` names the binary.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tsudoi_tests::running::Running;
use tsudoi_tests::server::{command, free_ports};
use tsudoi_tests::{CLUB, Visitor};

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
/// The demo's home page, and its page for members with the board's latest threads.
const PUBLIC: &str = "/";
const GATED: &str = "/club";

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    if let (Some("bare"), Some(file)) = (arguments.next().as_deref(), arguments.next()) {
        return bare(Path::new(&file));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure())
}

/// Starts the demo; answers with the time until its first page was there.
fn start(data: &Path, port: u16) -> Result<(Running, Duration)> {
    let mut command = command(data);
    command.args(["demo", "--port", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut running = Running(command.spawn().context("the binary does not start")?);
    while started.elapsed() < Duration::from_secs(300) {
        if let Some(status) = running.0.try_wait()? {
            bail!("the server ended with {status}");
        }
        if first_page(port) {
            return Ok((running, started.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    bail!("the server does not answer")
}

/// Whether the home page is there, asked over a connection of its own.
fn first_page(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(format!("GET {PUBLIC} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

async fn measure() -> Result<()> {
    let data = tempfile::tempdir()?;
    let port = free_ports();
    let (first, made) = start(data.path(), port)?;
    first.stop()?;
    let mut starts = Vec::new();
    let mut server = None;
    for _ in 0..5 {
        if let Some(server) = server.take() {
            Running::stop(server)?;
        }
        let (running, took) = start(data.path(), port)?;
        starts.push(took.as_secs_f64() * 1e3);
        server = Some(running);
    }
    let server = server.context("it was started")?;
    println!("starting, until the first page is there");
    println!("  with an empty folder: the demo is made   {:8.0} ms", made.as_secs_f64() * 1e3);
    let (usual, worst) = (median(&mut starts), starts[starts.len() - 1]);
    println!("  with the demo's data, median of {}        {usual:8.0} ms  (at most 1000), worst {worst:.0} ms", starts.len());
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("resident memory");
    println!("  idle, 5 s after the start                {:8.0} MB  (under 150)", server.resident()?);

    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let member = signed_in(port).await?;
    let public = Arc::new(request(port, PUBLIC, ""));
    let gated = Arc::new(request(port, GATED, &member));
    let page = once(address, &public).await?;
    ensure!(
        once(address, &gated).await?.body.windows(20).any(|bytes| bytes == b"/p/fan-board/threads"),
        "{GATED} shows the board's threads"
    );
    let kept = data.path().join("page");
    std::fs::write(&kept, page.text())?;
    let (_bare, bare_address) = start_bare(&kept)?;
    let (mut host, mut plain, mut with_block) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (a, b, c) = (rate(address, &public).await?, rate(bare_address, &public).await?, rate(address, &gated).await?);
        // The first round warms up.
        if round > 0 {
            host.push(a);
            plain.push(b);
            with_block.push(c);
        }
    }
    println!("  after the load below                     {:8.0} MB", server.resident()?);
    let (host, plain, with_block) = (median(&mut host), median(&mut plain), median(&mut with_block));
    println!("pages a second, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {} s each", ROUND.as_secs());
    println!("  public page, {} bytes                 {host:8.0}", page.body.len());
    println!("  bare axum handler, the same bytes        {plain:8.0}");
    println!("  ratio                                    {:8.1}", plain / host);
    println!("  page for members with one block          {with_block:8.0}");
    server.stop()
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The cookies of the demo's member.
async fn signed_in(port: u16) -> Result<String> {
    let member = Visitor::at(port + CLUB as u16);
    let home = member.get("/").await;
    let answer = member.submit(&home, "form[action='/demo/role']", &[("role", "member")]).await;
    ensure!(answer.status == StatusCode::SEE_OTHER.as_u16(), "the bar signs in: {}", answer.readable());
    let cookies = [&home, &answer].into_iter().flat_map(|answer| answer.headers.get_all("set-cookie"));
    let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned));
    // Without the message that is shown once.
    Ok(pairs.filter(|pair| !pair.starts_with("tsudoi_flash")).collect::<Vec<_>>().join("; "))
}

fn request(port: u16, path: &str, cookies: &str) -> Vec<u8> {
    let cookies = if cookies.is_empty() { String::new() } else { format!("cookie: {cookies}\r\n") };
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{cookies}\r\n").into_bytes()
}

/// An answer that was read to its end.
struct Page {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Page {
    /// As [`bare`] reads it: headers, an empty line, the body.
    fn text(&self) -> Vec<u8> {
        let own = ["content-length", "date", "connection", "transfer-encoding"];
        let headers = self.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
        let mut text = headers.map(|(name, value)| format!("{name}: {value}\n")).collect::<String>().into_bytes();
        text.push(b'\n');
        text.extend_from_slice(&self.body);
        text
    }
}

async fn once(address: SocketAddr, request: &[u8]) -> Result<Page> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let mut buffer = Vec::new();
    let (head, length) = answer(&mut stream, &mut buffer, request).await?;
    let lines = std::str::from_utf8(&buffer[..head])?.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Ok(Page { headers, body: buffer[head..head + length].to_vec() })
}

/// Asks once and reads the answer into `buffer`: where its body begins, and how long that is.
async fn answer(stream: &mut tokio::net::TcpStream, buffer: &mut Vec<u8>, request: &[u8]) -> Result<(usize, usize)> {
    stream.write_all(request).await?;
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the connection was closed");
        let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else { continue };
        let text = std::str::from_utf8(&buffer[..head])?;
        ensure!(text.starts_with("HTTP/1.1 200"), "{}", text.lines().next().unwrap_or_default());
        let length = text.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse().ok()));
        let length: usize = length.context("the answer has no length")?;
        while buffer.len() < head + length {
            ensure!(stream.read_buf(buffer).await? > 0, "the connection was closed");
        }
        return Ok((head, length));
    }
}

/// Answers a second, over connections that stay open.
async fn rate(address: SocketAddr, request: &Arc<Vec<u8>>) -> Result<f64> {
    let started = Instant::now();
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut stream = tokio::net::TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let (mut buffer, mut answered) = (Vec::with_capacity(64 << 10), 0_u32);
                while started.elapsed() < ROUND {
                    answer(&mut stream, &mut buffer, &request).await?;
                    answered += 1;
                }
                anyhow::Ok(answered)
            })
        })
        .collect();
    let mut answered = 0;
    for worker in workers {
        answered += worker.await??;
    }
    Ok(f64::from(answered) / started.elapsed().as_secs_f64())
}

fn start_bare(page: &Path) -> Result<(Running, SocketAddr)> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.arg("bare").arg(page).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("no output")?;
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok((running, line.trim().parse().context("the bare handler says where it listens")?))
}

/// The other side of the comparison: one handler that answers the headers and bytes of a file, and nothing else.
fn bare(file: &Path) -> Result<()> {
    let text = std::fs::read(file)?;
    let head = text.windows(2).position(|bytes| bytes == b"\n\n").context("no empty line")? + 1;
    let mut headers = Vec::new();
    for line in std::str::from_utf8(&text[..head])?.lines() {
        let (name, value) = line.split_once(": ").context("no header")?;
        headers.push((HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?));
    }
    let (headers, body) = (Arc::new(headers), axum::body::Bytes::copy_from_slice(&text[head + 1..]));
    let handler = move || {
        let (headers, body) = (headers.clone(), body.clone());
        async move {
            let mut response = axum::response::Response::new(axum::body::Body::from(body));
            response.headers_mut().extend(headers.iter().cloned());
            response
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?);
        Ok(axum::serve(listener, Router::new().fallback(handler)).await?)
    })
}
