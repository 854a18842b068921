//! The plugin engine: packages, manifests, calls, limits and read sets. It knows no database and no HTTP server: it
//! calls the ports of the kernel. docs/contract.md says what plugins are promised.

mod artefact;
mod attempt;
mod bindings;
mod cache;
mod call;
mod compiler;
mod convert;
mod engine;
mod facts;
mod gateway;
mod imports;
mod keys;
mod limits;
mod mac;
mod memory;
mod outside;
pub mod package;
mod pending;
mod places;
mod quick;
mod ranges;
mod segments;
mod state;
mod threads;
mod turns;
mod upgrades;
mod webhook;
mod work;

#[cfg(test)]
mod testing;

pub use compiler::{Compiler, InProcess, Target};
pub use engine::{Engine, EngineConfig, EngineError, configuration};
pub use limits::Limits;
pub use outside::Outside;
pub use state::{Letter, Translate};

/// Text of a plugin's, made fit for a log: control characters escaped, cut at `most` bytes.
fn loggable(text: &str, most: usize) -> String {
    let mut clean = String::new();
    for character in text.chars() {
        if clean.len() >= most {
            clean.push('…');
            break;
        }
        if character.is_control() {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_plugins_text_can_not_forge_log_lines() {
        assert_eq!(super::loggable("ok\n\u{1b}[31mERROR 花子", 100), "ok\\n\\u{1b}[31mERROR 花子");
        assert_eq!(super::loggable("花花花", 4), "花花…");
    }
}
