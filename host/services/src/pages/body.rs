//! What a page says, and how a form becomes one.

use super::path::PagePath;
use crate::ServiceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tsudoi_kernel::Gate;
use tsudoi_store::Audience;

/// One revision of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageBody {
    pub title: String,
    pub path: PagePath,
    /// Markdown, with blocks of plugins.
    pub text: String,
    #[serde(default)]
    pub gate: Gate,
    /// Markdown without blocks: what those see who may not enter.
    #[serde(default)]
    pub teaser: String,
}

/// A gate as a form sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GateInput {
    /// `everyone`, `members`, `tiers`, `labels`, `segments` or `staff`.
    pub kind: String,
    pub tiers: BTreeSet<String>,
    pub labels: BTreeSet<String>,
    pub segments: BTreeSet<String>,
}

impl GateInput {
    /// The message to show beside it where it names nobody, or what there is not.
    pub fn check(&self, audience: &Audience) -> Result<Gate, &'static str> {
        let known = |chosen: &BTreeSet<String>, named: &[tsudoi_store::Named]| {
            !chosen.is_empty() && chosen.iter().all(|key| named.iter().any(|named| named.key == *key))
        };
        match self.kind.as_str() {
            "everyone" => Ok(Gate::Everyone),
            "members" => Ok(Gate::Members),
            "tiers" if known(&self.tiers, &audience.tiers) => Ok(Gate::Tiers { tiers: self.tiers.clone() }),
            "tiers" => Err("pages-gate-no-tier"),
            "labels" if known(&self.labels, &audience.labels) => Ok(Gate::Labels { labels: self.labels.clone() }),
            "labels" => Err("pages-gate-no-label"),
            "segments" if known(&self.segments, &audience.segments) => Ok(Gate::Segments { segments: self.segments.clone() }),
            "segments" => Err("pages-gate-no-segment"),
            "staff" => Ok(Gate::Staff),
            _ => Err("pages-gate-missing"),
        }
    }
}

impl From<&Gate> for GateInput {
    fn from(gate: &Gate) -> Self {
        let kind = |kind: &str| Self { kind: kind.to_owned(), ..Self::default() };
        match gate {
            Gate::Everyone => kind("everyone"),
            Gate::Members => kind("members"),
            Gate::Tiers { tiers } => Self { tiers: tiers.clone(), ..kind("tiers") },
            Gate::Labels { labels } => Self { labels: labels.clone(), ..kind("labels") },
            Gate::Segments { segments } => Self { segments: segments.clone(), ..kind("segments") },
            Gate::Staff => kind("staff"),
        }
    }
}

/// A page as a form sends it: whatever was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageInput {
    pub title: String,
    pub path: String,
    pub text: String,
    pub teaser: String,
    pub gate: GateInput,
}

const LONGEST_TITLE: usize = 100;
const LONGEST_TEASER: usize = 2_000;
const LONGEST_TEXT: usize = 200_000;

impl PageInput {
    /// [`ServiceError::Invalid`] with every message at once.
    pub fn check(self, audience: &Audience) -> Result<PageBody, ServiceError> {
        let mut errors: Vec<(String, &'static str)> = Vec::new();
        let mut wrong = |field: &str, message: &'static str| errors.push((field.to_owned(), message));
        let title = self.title.trim().to_owned();
        if title.is_empty() {
            wrong("title", "pages-title-empty");
        } else if title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
            wrong("title", "pages-title-too-long");
        }
        let path = PagePath::parse(&self.path);
        if let Err(error) = path {
            wrong("path", error.message());
        }
        if self.text.chars().count() > LONGEST_TEXT {
            wrong("text", "pages-text-too-long");
        }
        if self.teaser.chars().count() > LONGEST_TEASER {
            wrong("teaser", "pages-teaser-too-long");
        }
        let gate = self.gate.check(audience);
        if let Err(message) = gate {
            wrong("gate", message);
        }
        match (path, gate, errors.is_empty()) {
            (Ok(path), Ok(gate), true) => {
                Ok(PageBody { title, path, text: unix_lines(&self.text), gate, teaser: unix_lines(&self.teaser) })
            }
            _ => Err(ServiceError::Invalid(errors)),
        }
    }
}

/// Browsers send the ends of lines as CR LF.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_kernel::locale::Localised;
    use tsudoi_store::Named;

    fn audience() -> Audience {
        Audience { tiers: vec![Named { key: "gold".into(), name: Localised::default() }], ..Audience::default() }
    }

    fn input(kind: &str, tiers: &[&str]) -> PageInput {
        PageInput {
            title: " 会報 ".into(),
            path: "Kaiho".into(),
            text: "一行目\r\n二行目\r\n".into(),
            teaser: String::new(),
            gate: GateInput { kind: kind.into(), tiers: tiers.iter().map(|key| (*key).to_owned()).collect(), ..GateInput::default() },
        }
    }

    #[test]
    fn a_form_becomes_a_page() {
        let body = input("tiers", &["gold"]).check(&audience()).unwrap();
        assert_eq!((body.title.as_str(), body.path.as_str(), body.text.as_str()), ("会報", "/kaiho", "一行目\n二行目"));
        assert_eq!(body.gate, Gate::Tiers { tiers: BTreeSet::from(["gold".to_owned()]) });
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = PageInput { title: " ".into(), path: "/admin".into(), ..input("tiers", &["platinum"]) };
        let Err(ServiceError::Invalid(errors)) = wrong.check(&audience()) else { panic!("it was accepted") };
        let messages: Vec<&str> = errors.iter().map(|(_, message)| *message).collect();
        assert_eq!(messages, ["pages-title-empty", "pages-path-reserved", "pages-gate-no-tier"]);
    }

    #[test]
    fn a_gate_that_names_nobody_is_refused() {
        assert_eq!(input("tiers", &[]).gate.check(&audience()), Err("pages-gate-no-tier"));
        assert_eq!(input("labels", &[]).gate.check(&audience()), Err("pages-gate-no-label"));
        assert_eq!(input("", &[]).gate.check(&audience()), Err("pages-gate-missing"));
    }

    #[test]
    fn a_stored_body_reads_back() {
        let body = input("members", &[]).check(&audience()).unwrap();
        let text = serde_json::to_string(&body).unwrap();
        assert_eq!(serde_json::from_str::<PageBody>(&text).unwrap(), body);
    }
}
