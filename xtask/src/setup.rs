//! What the tests need from the distribution's packages.

use crate::process;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
pub use tsudoi_pack::Consent;
use tsudoi_pack::install::install_packages;

/// Something that the tests use, and the Debian package that brings it.
pub struct Need {
    pub package: &'static str,
    pub what_for: &'static str,
    pub present: bool,
    /// To what the package would ask while it is installed: `package question type value`.
    pub answer: Option<&'static str>,
}

/// Where `chromium` and its driver are, once they are there.
pub fn chromium() -> Option<PathBuf> {
    process::find_program(&["chromium", "chromium-browser", "google-chrome"], &[])
}

pub fn chromedriver() -> Option<PathBuf> {
    process::find_program(&["chromedriver"], &["/usr/lib/chromium".into(), "/usr/lib/chromium-browser".into()])
}

/// The folder of `initdb` and `pg_ctl`: Debian keeps them out of `PATH`, one folder for each version. The newest.
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
        .collect();
    folders.sort();
    let debian = folders.pop().map(|(_, folder)| folder);
    debian.or_else(|| process::find_program(&["initdb"], &[])?.parent().map(Path::to_owned))
}

/// Debian keeps it out of the `PATH` of those who are not root.
fn postfix() -> Option<PathBuf> {
    process::find_program(&["postfix"], &["/usr/sbin".into()])
}

pub fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

pub fn test_needs() -> Vec<Need> {
    let need = |package, what_for, present| Need { package, what_for, present, answer: None };
    vec![
        need("chromium", "browser tests", chromium().is_some()),
        need("chromium-driver", "browser tests", chromedriver().is_some()),
        need("fonts-noto-cjk", "Japanese text in screenshots", has_font(":lang=ja", "opentype/noto/NotoSansCJK-Regular.ttc")),
        need("fonts-noto-color-emoji", "emoji in screenshots", has_font("Noto Color Emoji", "truetype/noto/NotoColorEmoji.ttf")),
        need("postgresql", "tests on the second database", postgres_programs().is_some()),
        need("poppler-utils", "reading PDF documents back", process::find_program(&["pdftotext"], &[]).is_some()),
        need("hledger", "reading the journal of the books", process::find_program(&["hledger"], &[]).is_some()),
        need("python3-venv", "servers and programs of others that tests talk to, from PyPI", has_venv()),
        Need {
            // No mail server of this machine's, that would start at once: tests make configurations of their own.
            answer: Some("postfix postfix/main_mailer_type select No configuration"),
            ..need("postfix", "a mail server as others run it", postfix().is_some())
        },
        need("uidmap", "postfix for somebody who is not root", is_root() || process::find_program(&["newuidmap"], &[]).is_some()),
        need("npm", "the CommonMark specification's examples", process::find_program(&["npm"], &[]).is_some()),
    ]
}

/// Debian leaves the modules that make environments out of its package `python3`.
fn has_venv() -> bool {
    process::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

/// By fontconfig where it is installed, by the file of Debian's package otherwise.
fn has_font(pattern: &str, file: &str) -> bool {
    let listed = process::output(Command::new("fc-list").arg(pattern)).unwrap_or_default();
    !listed.is_empty() || Path::new("/usr/share/fonts").join(file).is_file()
}

/// Installs what is missing of these; an error says which command would do it by hand.
pub fn install_missing(needs: &[Need], consent: Consent) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !need.present).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = missing.iter().map(|need| format!("  {:<24} {}", need.package, need.what_for)).collect();
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let answers: Vec<&str> = missing.iter().filter_map(|need| need.answer).collect();
    install_packages(&packages, &answers, &format!("These packages are missing and will be installed:\n{}", lines.join("\n")), consent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_where_nothing_is_missing() {
        let present = Need { package: "chromium", what_for: "browser tests", present: true, answer: None };
        install_missing(&[present], Consent::Ask).unwrap();
    }
}
