//! `cargo xtask tidy`: the rules of ARCHITECTURE.md that a program can check. Each check is a pure function over the
//! text of the repository's files, with a test that shows it failing on a planted violation.

mod dependencies;
mod files;
mod imports;
mod source;
mod templates;
mod texts;

use anyhow::Result;
use files::Tree;
use std::process::ExitCode;

/// One rule and where it is broken: `path:line: what`.
pub struct Check {
    pub rule: &'static str,
    pub violations: Vec<String>,
}

impl Check {
    pub fn print(&self) {
        println!("  {} {}", if self.violations.is_empty() { "ok    " } else { "BROKEN" }, self.rule);
        for violation in &self.violations {
            println!("         {violation}");
        }
    }
}

type Rule = (&'static str, fn(&Tree) -> Vec<String>);

const RULES: [Rule; 15] = [
    ("crates depend on each other as ARCHITECTURE.md says", imports::crates),
    ("each dependency is used", dependencies::used),
    ("each crate takes the workspace's lints", dependencies::lints),
    ("a source file opens with //! and says what it is for", source::opening),
    ("a source file has at most 600 lines", source::length),
    ("nothing is left unfinished, no test ignored", source::finished),
    ("no path of one machine", source::machine_paths),
    ("nothing strange at the top of the repository", source::top_level),
    ("the host names no plugin", source::plugin_ids),
    ("a query across organisations says so", source::across_organisations),
    ("the map in ARCHITECTURE.md is right", source::map),
    ("Japanese and English are complete", texts::both_languages),
    ("each text that a template asks for is there", texts::keys_of_templates),
    ("texts stand in locale files, not in code or templates", |tree| [texts::japanese_in_code(tree), templates::texts(tree)].concat()),
    ("no inline script or style", templates::inline),
];

pub fn run() -> Result<ExitCode> {
    let checks = checks()?;
    checks.iter().for_each(Check::print);
    let broken = checks.iter().filter(|check| !check.violations.is_empty()).count();
    println!("{} rules, {broken} broken", checks.len());
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub fn checks() -> Result<Vec<Check>> {
    let tree = Tree::read()?;
    Ok(RULES.iter().map(|(rule, check)| Check { rule, violations: check(&tree) }).collect())
}
