//! docs/operating.md lists every key, every variable and every default, and no other.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../../docs/operating.md");

/// Rows of the page's tables whose first cell is a key of the configuration, as cells without their marks.
fn rows() -> BTreeMap<String, Vec<String>> {
    let cells = |line: &str| -> Vec<String> { line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect() };
    let tables = ["## Configuration", "## Limits of a plugin's call"];
    let sections = PAGE.split("\n## ").filter(|section| tables.iter().any(|title| section.starts_with(&title[3..])));
    let lines = sections.flat_map(str::lines).filter(|line| line.starts_with("| `"));
    lines.map(cells).map(|cells| (cells[0].clone(), cells)).collect()
}

/// The keys that a table takes, as the message about a wrong one names them.
fn keys(prefix: &str) -> Vec<String> {
    let text = if prefix.is_empty() { "wrong-key = 1\n".to_owned() } else { format!("[{prefix}]\nwrong-key = 1\n") };
    let message = parse(&text, "tsudoi.toml").unwrap_err().to_string();
    let (_, allowed) = message.split_once("expected").unwrap_or_else(|| panic!("{message}"));
    allowed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_is_described_and_no_other() {
    let mut real = BTreeSet::new();
    for key in keys("") {
        match key.as_str() {
            "data" | "themes" => drop(real.insert(key)),
            "plugins" => {
                for key in keys("plugins") {
                    match key.as_str() {
                        "policy" | "quota" => {
                            let section = format!("plugins.{key}");
                            real.extend(keys(&section).into_iter().map(|key| format!("{section}.{key}")));
                        }
                        _ => drop(real.insert(format!("plugins.{key}"))),
                    }
                }
            }
            "mail" => {
                for key in keys("mail") {
                    match key.as_str() {
                        "dkim" => real.extend(keys("mail.dkim").into_iter().map(|key| format!("mail.dkim.{key}"))),
                        _ => drop(real.insert(format!("mail.{key}"))),
                    }
                }
            }
            section => real.extend(keys(section).into_iter().map(|key| format!("{section}.{key}"))),
        }
    }
    assert!(real.contains("web.listen") && real.contains("limits.guest-ms"), "{real:?}");
    assert_eq!(rows().into_keys().collect::<BTreeSet<_>>(), real);
}

#[test]
fn every_variable_is_described_and_no_other() {
    let word = |text: &str| text.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap_or_default().to_owned();
    let described: BTreeSet<String> = PAGE.split("TSUDOI_").skip(1).map(|rest| format!("TSUDOI_{}", word(rest))).collect();
    assert_eq!(described, VARIABLES.into_iter().map(str::to_owned).collect());
}

#[test]
fn defaults_are_as_the_page_says() {
    let rows = rows();
    let config = Config::default();
    let limits = serde_json::to_value(&config.limits).unwrap();
    for (key, value) in limits.as_object().unwrap() {
        assert_eq!(rows[&format!("limits.{key}")][1], value.to_string(), "{key}");
    }
    for (key, value) in [
        ("data", config.data.display().to_string()),
        ("database.connections", config.database.connections.to_string()),
        ("web.listen", config.web.listen.to_string()),
        ("web.public_url", config.web.public_url.clone()),
        ("web.upload_limit_megabytes", config.web.upload_limit_megabytes.to_string()),
        ("mail.connections", config.mail.connections.to_string()),
        ("mail.per_second", config.mail.per_second.to_string()),
        ("mail.command_seconds", config.mail.command_seconds.to_string()),
        ("mail.message_seconds", config.mail.message_seconds.to_string()),
        ("mail.retry_seconds", format!("{:?}", config.mail.retry_seconds)),
        ("mail.away_seconds", config.mail.away_seconds.to_string()),
        ("log.level", config.log.level.clone()),
    ] {
        assert_eq!(rows[key][2], value, "{key}");
    }
}
