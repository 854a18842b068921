//! What many organisations and many plugins cost, and what a neighbour notices of a plugin that never ends: resident memory of a
//! thousand organisations with twenty plugins each against the same without any, a restart with fifty plugins, and the
//! slowest requests of one organisation while 64 requests at a time of another spin. `cargo xtask bench` runs it with
//! optimisation. `TSUDOI_TEST_BINARY` names the binary; `many_organisations`, which fills databases, stands beside this program.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, StatusCode};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tsudoi_tests::running::Running;
use tsudoi_tests::server::command;
use tsudoi_tests::troublemaker;
use tsudoi_tests::{CLUB, SOCIETY, Visitor};

const ORGANISATIONS: usize = 1_000;
const PLUGINS: usize = 20;
const RESTARTED_PLUGINS: usize = 50;
/// How long the neighbour asks, by itself and beside the loops, and how often they take turns.
const LAP: Duration = Duration::from_secs(5);
const LAPS: usize = 3;
const SPINNING: usize = 64;

#[tokio::main]
async fn main() -> Result<()> {
    memory().await?;
    restart().await?;
    neighbour().await
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The guest book that new plugins begin with, under an id of the same length.
fn id(number: usize) -> String {
    format!("guest-{number:04}")
}

/// A data folder in which so many plugins are installed.
fn with_plugins(count: usize) -> Result<TempDir> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/template/guest-book.wasm");
    let book = std::fs::read(&book).with_context(|| format!("{} is missing: `cargo xtask plugins` makes it", book.display()))?;
    let data = tempfile::tempdir()?;
    let mut install = command(data.path());
    install.args(["plugin", "install"]);
    for number in 0..count {
        let mut bytes = book.clone();
        let places: Vec<usize> = bytes.windows(10).enumerate().filter(|(_, window)| *window == b"guest-book").map(|(at, _)| at).collect();
        places.into_iter().for_each(|at| bytes[at..at + 10].copy_from_slice(id(number).as_bytes()));
        let file = data.path().join(format!("{}.wasm", id(number)));
        std::fs::write(&file, bytes)?;
        install.arg(file);
    }
    if count > 0 {
        let output = install.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    } else {
        ensure!(command(data.path()).args(["plugin", "list"]).output()?.status.success(), "the database is set up");
    }
    Ok(data)
}

fn fill(data: &Path, organisations: usize, which: &str) -> Result<()> {
    let program: PathBuf = std::env::current_exe()?.with_file_name("many_organisations");
    let url = format!("sqlite:{}", data.join("tsudoi.db").display());
    let status = Command::new(&program).args([&url, &organisations.to_string(), which]).status();
    ensure!(status.with_context(|| format!("{} does not start", program.display()))?.success(), "the database is filled");
    Ok(())
}

/// Starts `tsudoi serve`; answers when it listens.
async fn serve(data: &Path) -> Result<(Running, u16)> {
    let port = free_port()?;
    let mut serve = command(data);
    serve.arg("serve").env("TSUDOI_LISTEN", format!("127.0.0.1:{port}"));
    let mut running = Running(serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    for _ in 0..30_000 {
        if let Some(status) = running.0.try_wait()? {
            bail!("the server ended with {status}");
        }
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok((running, port));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bail!("the server does not listen")
}

async fn status(client: &Client, port: u16, organisation: usize, path: &str) -> Result<StatusCode> {
    let request = client.get(format!("http://127.0.0.1:{port}{path}")).header("host", format!("club-{organisation}.localhost"));
    let answer = request.send().await?;
    let status = answer.status();
    answer.bytes().await?;
    Ok(status)
}

/// Resident after a rest, and after each organisation was visited.
async fn resident(which: &str) -> Result<(f64, f64)> {
    let data = with_plugins(PLUGINS)?;
    fill(data.path(), ORGANISATIONS, which)?;
    let (server, port) = serve(data.path()).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let idle = server.resident()?;
    let client = Client::new();
    for organisation in 1..=ORGANISATIONS {
        let found = status(&client, port, organisation, &format!("/p/{}/", id(organisation % PLUGINS))).await?;
        let expected = if which == "all" { StatusCode::OK } else { StatusCode::NOT_FOUND };
        ensure!(found == expected, "club-{organisation}: {found}");
    }
    Ok((idle, server.resident()?))
}

async fn memory() -> Result<()> {
    let (idle_none, visited_none) = resident("none").await?;
    let (idle_all, visited_all) = resident("all").await?;
    println!("resident memory, {ORGANISATIONS} organisations, {PLUGINS} plugins installed");
    println!("  none enabled: at rest, each visited once        {idle_none:6.0} MB, {visited_none:.0} MB");
    println!("  all enabled in each                             {idle_all:6.0} MB, {visited_all:.0} MB");
    println!(
        "  grows by                                        {:6.0} MB, {:.0} MB  (under 150)",
        idle_all - idle_none,
        visited_all - visited_none
    );
    Ok(())
}

async fn restart() -> Result<()> {
    let data = with_plugins(RESTARTED_PLUGINS)?;
    fill(data.path(), 1, "all")?;
    let client = Client::new();
    let mut times = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let (server, port) = serve(data.path()).await?;
        let mut first = Duration::ZERO;
        for number in 0..RESTARTED_PLUGINS {
            ensure!(status(&client, port, 1, &format!("/p/{}/", id(number))).await? == StatusCode::OK, "{} answers", id(number));
            if number == 0 {
                first = began.elapsed();
            }
        }
        times.push((began.elapsed(), first));
        server.stop()?;
    }
    times.sort();
    let (all, first) = times[times.len() / 2];
    println!("a restart with {RESTARTED_PLUGINS} plugins that were compiled before, median of {}", times.len());
    println!("  until one of them has answered                  {:6} ms", first.as_millis());
    println!("  until each of them has answered                 {:6} ms  (at most 1500)", all.as_millis());
    Ok(())
}

/// How long answers took, of visitors who ask for what is not kept, for so long.
async fn asked(member: &Arc<Visitor>, numbers: &Arc<AtomicU32>) -> Result<Vec<Duration>> {
    let until = Instant::now() + LAP;
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (member, numbers) = (member.clone(), numbers.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < until {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    let began = Instant::now();
                    let answer = member.get(&format!("/p/fan-board/?n={number}")).await;
                    took.push(began.elapsed());
                    ensure!(answer.status == StatusCode::OK && answer.has("/p/fan-board/boards/"), "{}", answer.readable());
                }
                Ok(took)
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await??);
    }
    Ok(all)
}

fn percentile(times: &mut [Duration], part: usize) -> f64 {
    times.sort_unstable();
    times.get(times.len() * part / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

async fn neighbour() -> Result<()> {
    let data = tempfile::tempdir()?;
    std::fs::write(data.path().join("tsudoi.toml"), "[plugins]\npause-after = 0\n")?;
    let port = loop {
        let port = free_port()?;
        if port < u16::MAX && std::net::TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            break port;
        }
    };
    let mut demo = command(data.path());
    demo.args(["demo", "--port", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Running(demo.spawn()?);
    let client = Client::new();
    while client.get(format!("http://127.0.0.1:{}/", port + 1)).send().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let package = data.path().join("troublemaker.wasm");
    std::fs::write(&package, troublemaker::package(""))?;
    for arguments in [
        &["plugin", "install", &package.to_string_lossy()][..],
        &["plugin", "enable", troublemaker::ID, "--organisation", "hoshizora", "--yes"],
    ] {
        let output = command(&data.path().join("demo")).args(arguments).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let member = Visitor::at(port + SOCIETY as u16);
    let home = member.get("/").await;
    member.submit(&home, "form[action='/demo/role']", &[("role", "member")]).await;
    let (member, numbers) = (Arc::new(member), Arc::new(AtomicU32::new(0)));
    asked(&member, &numbers).await?;
    let (mut alone, mut beside, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..LAPS {
        let mut by_itself = asked(&member, &numbers).await?;
        let spin = Arc::new(AtomicBool::new(true));
        let spinning: Vec<_> = (0..SPINNING)
            .map(|_| {
                let (client, spin) = (client.clone(), spin.clone());
                let address = format!("http://127.0.0.1:{}/p/troublemaker/spin", port + CLUB as u16);
                tokio::spawn(async move {
                    while spin.load(Ordering::Relaxed) {
                        let _ = client.get(&address).send().await;
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut with_loops = asked(&member, &numbers).await?;
        spin.store(false, Ordering::Relaxed);
        for task in spinning {
            task.await?;
        }
        ratios.push(percentile(&mut with_loops, 99) / percentile(&mut by_itself, 99));
        alone.append(&mut by_itself);
        beside.append(&mut with_loops);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("a neighbour that asks over 4 connections for what is not kept, {LAPS} laps of {} s", LAP.as_secs());
    for (what, times) in [("by itself", &mut alone), ("beside 64 endless loops", &mut beside)] {
        let (half, most) = (percentile(times, 50), percentile(times, 99));
        println!("  {what:<46}  {half:6.1} ms, 99 % within {most:.1} ms; {} answers, none wrong", times.len());
    }
    println!("  99 % within so many times as long, median       {:6.1}  (under 3)", ratios[ratios.len() / 2]);
    Ok(())
}
