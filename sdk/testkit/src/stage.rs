//! The host that the plugin runs on: the program `tsudoi`, one process for each [`crate::Site`], told what happens line by line.

use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

const HOW: &str = "run these tests with `tsudoi plugin test`, which builds the plugin and says where it is";

pub struct Stage {
    child: Child,
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    /// What the host and the plugin log.
    log: Option<JoinHandle<String>>,
}

#[track_caller]
fn variable(name: &str) -> OsString {
    match std::env::var_os(name) {
        Some(value) => value,
        None => panic!("{name} is not set: {HOW}"),
    }
}

impl Stage {
    #[track_caller]
    pub fn of(plugin: &str) -> Self {
        let folders = variable("TSUDOI_TEST_PACKAGES");
        let mut packages = std::env::split_paths(&folders).map(|folder| folder.join(format!("{plugin}.wasm")));
        let package = packages.find(|package| package.is_file());
        let Some(package) = package else { panic!("{plugin}.wasm is missing: {HOW}") };
        let program = PathBuf::from(variable("TSUDOI_TEST_BINARY"));
        let mut command = Command::new(&program);
        command.args(["plugin", "stage"]).arg(&package);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let (Some(input), Some(output), Some(mut errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            panic!("the host has no input and output");
        };
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { child, talk: Mutex::new(Some((input, BufReader::new(output)))), log: Some(log) }
    }

    /// Has something happen, and answers what came of it. Panics where the host refuses.
    #[track_caller]
    pub fn tell(&self, step: &Value) -> Value {
        match self.try_tell(step) {
            Ok(answer) => answer,
            Err(problem) => panic!("{problem}"),
        }
    }

    fn try_tell(&self, step: &Value) -> Result<Value, String> {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        let (input, output) = talk.as_mut().ok_or("the host was stopped")?;
        let mut line = String::new();
        let said = writeln!(input, "{step}").and_then(|()| input.flush()).and_then(|()| output.read_line(&mut line));
        if said.is_err() || line.is_empty() {
            // What it said last is in its log.
            *talk = None;
            return Err("the host has ended; its log is below".to_owned());
        }
        let mut answer: Value = serde_json::from_str(&line).map_err(|error| format!("the host answered what is no JSON: {error}"))?;
        match answer.get("error").and_then(Value::as_str) {
            Some(problem) => Err(problem.to_owned()),
            None => Ok(answer.get_mut("ok").map(Value::take).unwrap_or_default()),
        }
    }

    /// What the calls cost and what was logged, where the host still answers.
    pub fn end(&mut self) -> (Value, String) {
        let costs = self.try_tell(&json!({ "do": "costs" })).unwrap_or_default();
        *self.talk.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        let _ = self.child.wait();
        (costs, log)
    }
}
