//! Installing packages of the distribution: says what, asks at a terminal, and goes ahead where nobody can be asked.

use crate::process;
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a person is to be asked before anything is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Given,
    Ask,
}

impl Consent {
    /// `--yes`, `CI=true` or no terminal to ask at: it goes ahead.
    pub fn from_environment(yes: bool) -> Self {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        Self::decide(yes, ci, terminal)
    }

    fn decide(yes: bool, ci: bool, terminal: bool) -> Self {
        if yes || ci || !terminal { Self::Given } else { Self::Ask }
    }

    /// Says what will be done, and comes back only if it may be.
    pub fn obtain(self, what: &str) -> Result<()> {
        println!("{what}");
        if self == Self::Given {
            return Ok(());
        }
        print!("Go ahead? [Y/n] ");
        std::io::stdout().flush().context("could not ask")?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).context("could not read the answer")?;
        if !is_yes(&answer) {
            bail!("not installed, as you wish");
        }
        Ok(())
    }
}

/// An empty answer is the default, yes; the end of the input is no answer at all.
fn is_yes(answer: &str) -> bool {
    answer.ends_with('\n') && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

/// Whether packages come by apt-get here: Debian, Ubuntu and what descends from them.
pub fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && process::find_program(&["apt-get"], &[]).is_some()
}

/// `answers` are to the questions that packages would ask, each as `package question type value`.
pub fn install_packages(packages: &[&str], answers: &[&str], message: &str, consent: Consent) -> Result<()> {
    let by_hand = by_hand(packages, answers);
    if !is_debian() {
        bail!("{message}\nThis is no Debian or Ubuntu: please install what corresponds to these packages and start again.");
    }
    let rights = Rights::look();
    if rights == Rights::None {
        bail!("{message}\nThis takes root's rights, and there is no sudo. As root: {by_hand}");
    }
    consent.obtain(message)?;
    // Lists of packages may be absent (a fresh container) or old; if they can't be fetched, the old ones may do.
    let _ = rights.apt_get().args(["update", "-q"]).status();
    rights.answer(answers)?;
    // What somebody has installed stays: a package that could only take another's place is an error.
    let install = ["install", "-q", "-y", "--no-install-recommends", "--no-remove"];
    process::run(rights.apt_get().args(install).args(packages)).with_context(|| format!("please try by hand: {by_hand}"))
}

fn by_hand(packages: &[&str], answers: &[&str]) -> String {
    let answered: String = answers.iter().map(|answer| format!("echo '{answer}' | debconf-set-selections; ")).collect();
    format!("{answered}apt-get install {}", packages.join(" "))
}

/// How apt-get can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    Root,
    /// sudo that may ask for a password.
    Sudo,
    /// Nobody is there to type a password.
    SudoWithoutPassword,
    None,
}

impl Rights {
    fn look() -> Self {
        let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
        Self::decide(root, process::find_program(&["sudo"], &[]).is_some(), std::io::stdin().is_terminal())
    }

    fn decide(root: bool, sudo: bool, terminal: bool) -> Self {
        match (root, sudo, terminal) {
            (true, _, _) => Self::Root,
            (false, false, _) => Self::None,
            (false, true, true) => Self::Sudo,
            (false, true, false) => Self::SudoWithoutPassword,
        }
    }

    /// Tells debconf the answers, so that nothing is asked and no default is taken.
    fn answer(self, answers: &[&str]) -> Result<()> {
        if answers.is_empty() {
            return Ok(());
        }
        let mut command = self.command();
        command.arg("debconf-set-selections").stdin(Stdio::piped());
        let mut running = command.spawn().with_context(|| format!("could not start {}", process::line(&command)))?;
        let input = running.stdin.take().context("no input")?;
        answers.iter().try_for_each(|answer| writeln!(&input, "{answer}")).context("debconf does not listen")?;
        drop(input);
        ensure!(running.wait()?.success(), "debconf refused the answers: {}", answers.join("; "));
        Ok(())
    }

    fn apt_get(self) -> Command {
        let mut command = self.command();
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    }

    /// What runs another command, with root's rights.
    fn command(self) -> Command {
        let mut command = Command::new(if self == Self::Root { "env" } else { "sudo" });
        match self {
            Self::SudoWithoutPassword => command.args(["-n", "env"]),
            Self::Sudo | Self::None => command.arg("env"),
            Self::Root => &mut command,
        };
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_only_where_someone_can_answer() {
        assert_eq!(Consent::decide(false, false, true), Consent::Ask);
        assert_eq!(Consent::decide(true, false, true), Consent::Given);
        assert_eq!(Consent::decide(false, true, true), Consent::Given);
        assert_eq!(Consent::decide(false, false, false), Consent::Given);
    }

    #[test]
    fn return_is_yes_and_a_closed_terminal_is_no() {
        assert!(is_yes("\n"));
        assert!(is_yes("Y\n"));
        assert!(!is_yes("n\n"));
        assert!(!is_yes("what?\n"));
        assert!(!is_yes(""));
    }

    #[test]
    fn root_calls_apt_get_itself_and_others_by_sudo() {
        let typed = |root, sudo, terminal| process::line(&Rights::decide(root, sudo, terminal).apt_get());
        assert_eq!(typed(true, true, true), "env DEBIAN_FRONTEND=noninteractive apt-get");
        assert_eq!(typed(false, true, true), "sudo env DEBIAN_FRONTEND=noninteractive apt-get");
        assert_eq!(typed(false, true, false), "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get");
        assert_eq!(Rights::decide(false, false, true), Rights::None);
    }

    #[test]
    fn what_is_to_be_done_by_hand_has_the_answers_too() {
        assert_eq!(by_hand(&["npm", "hledger"], &[]), "apt-get install npm hledger");
        let answer = "postfix postfix/main_mailer_type select No configuration";
        assert_eq!(by_hand(&["postfix"], &[answer]), format!("echo '{answer}' | debconf-set-selections; apt-get install postfix"));
    }
}
