//! What a device is called in the list of sessions: browser and system, as far as its User-Agent tells.

use crate::Web;
use serde_json::json;
use tsudoi_kernel::Locale;

/// In this order, since browsers name those that they want to pass for, too.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
];

fn find(agent: &str, names: &[(&str, &'static str)]) -> Option<&'static str> {
    names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
}

pub fn name(web: &Web, locale: Locale, agent: &str) -> String {
    match (find(agent, &BROWSERS), find(agent, &SYSTEMS)) {
        (Some(browser), Some(system)) => web.look.message(locale, "agent-on", &json!({ "browser": browser, "system": system })),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => web.look.message(locale, "agent-unknown", &json!({})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_that_pass_for_others_get_their_own_name() {
        let table = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
                Some("Edge"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                Some("Safari"),
                Some("iPhone"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
                Some("Chrome"),
                Some("Android"),
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", Some("Firefox"), Some("Linux")),
            ("curl/8.5.0", None, None),
        ];
        for (agent, browser, system) in table {
            assert_eq!((find(agent, &BROWSERS), find(agent, &SYSTEMS)), (browser, system), "{agent}");
        }
    }
}
