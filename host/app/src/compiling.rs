//! Compiling packages in a process of its own: a package can be made so that its compilation takes hours, or all memory there
//! is. The host starts itself anew, without its environment, hands over the bytes, and stops it when its time is up.

use serde_json::json;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use tsudoi_kernel::ports::PackageRefused;
use tsudoi_runtime::{Compiler, InProcess, Target};

/// What an answer begins with: the machine code follows, or why there is none.
const CODE: u8 = b'c';
const REFUSED: u8 = b'r';
/// Bytes of machine code; a package makes a few times its own size.
const MOST_CODE: u64 = 512 << 20;
/// Beyond its time by the clock the process has this much to start and to hand over.
const GRACE: Duration = Duration::from_secs(2);

pub struct CompilerProcess;

impl Compiler for CompilerProcess {
    fn compile(&self, target: &Target, package: &[u8]) -> Result<Vec<u8>, PackageRefused> {
        let program = this_program().map_err(|error| refused(format!("this program does not find itself: {error}")))?;
        let mut command = Command::new(program);
        command.arg("compile-package").arg(json!(target).to_string());
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| refused(format!("the compiler does not start: {error}")))?;
        let answer = hand_over(&mut child, package, Duration::from_millis(target.limits.compile_ms) + GRACE);
        // Whatever came of it: nothing of it goes on.
        let _ = child.kill();
        let _ = child.wait();
        match answer {
            None => Err(refused(format!("it takes longer than {} ms to compile (limits.compile-ms)", target.limits.compile_ms))),
            Some(answer) => match answer.split_first() {
                Some((&CODE, code)) => Ok(code.to_vec()),
                Some((&REFUSED, reason)) => Err(refused(String::from_utf8_lossy(reason))),
                _ => Err(refused(
                    "the compiler came to no end: it took too long (limits.compile-ms) or too much memory (limits.compile-bytes)",
                )),
            },
        }
    }
}

fn refused(reason: impl Into<String>) -> PackageRefused {
    PackageRefused { place: "compiling".to_owned(), reason: reason.into() }
}

/// Also where its file was replaced meanwhile, as at the beginning of an upgrade.
fn this_program() -> std::io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

/// `None` when its time is up.
fn hand_over(child: &mut Child, package: &[u8], most: Duration) -> Option<Vec<u8>> {
    let (Some(mut input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else { return Some(Vec::new()) };
    let package = package.to_vec();
    // A process that ends early reads no more; what it answered says why.
    std::thread::spawn(move || input.write_all(&package));
    let (send, answered) = channel();
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        let read = output.by_ref().take(MOST_CODE).read_to_end(&mut answer);
        // Nobody listens any more when its time is up.
        let _ = send.send(if read.is_ok() { answer } else { Vec::new() });
    });
    match answered.recv_timeout(most) {
        Ok(answer) => Some(answer),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Vec::new()),
    }
}

/// The other side: limits first, then the stranger's bytes.
pub fn answer(target: &str) -> ExitCode {
    let answer = match compiled(target) {
        Ok(code) => [&[CODE][..], &code].concat(),
        Err(reason) => [&[REFUSED][..], reason.as_bytes()].concat(),
    };
    match std::io::stdout().write_all(&answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn compiled(target: &str) -> Result<Vec<u8>, String> {
    let target: Target = serde_json::from_str(target).map_err(|error| error.to_string())?;
    confine(&target)?;
    let most = target.limits.package_bytes as u64;
    let mut package = Vec::new();
    std::io::stdin().take(most + 1).read_to_end(&mut package).map_err(|error| error.to_string())?;
    InProcess.compile(&target, &package).map_err(|refused| refused.reason)
}

/// Memory that is written to, time of the processor, and no file grows.
#[cfg(unix)]
fn confine(target: &Target) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let seconds = target.limits.compile_ms.div_ceil(1_000);
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let limits = [
        (Resource::Data, target.limits.compile_bytes),
        (Resource::Cpu, seconds.saturating_mul(processors)),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| format!("the compiler can't be confined: {error}"))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn confine(_: &Target) -> Result<(), String> {
    Ok(())
}
