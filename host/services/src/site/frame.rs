//! The frame of a site and how a form becomes one.

use crate::ServiceError;
use crate::pages::PagePath;
use serde::{Deserialize, Serialize};
use tsudoi_kernel::email::Email;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::{FileId, Locale, Organisation};

/// One revision of the site's frame. Staff change a draft and publish it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteFrame {
    pub name: String,
    pub tagline: String,
    /// `#rrggbb`, lower case.
    pub accent: String,
    pub logo: Option<FileId>,
    pub logo_alt: String,
    pub contact_email: String,
    /// The page that says how to reach the organisation; empty where there is none.
    pub contact_path: String,
    /// The folder name of a theme; empty: the organisation's theme stays.
    pub theme: String,
    pub menu: Vec<MenuItem>,
    pub footer_menu: Vec<MenuItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuItem {
    pub label: Localised,
    /// A path of this site, or an address that begins with `https://`.
    pub path: String,
}

impl Default for SiteFrame {
    fn default() -> Self {
        Self {
            name: String::new(),
            tagline: String::new(),
            accent: "#2f5d8a".into(),
            logo: None,
            logo_alt: String::new(),
            contact_email: String::new(),
            contact_path: String::new(),
            theme: String::new(),
            menu: Vec::new(),
            footer_menu: Vec::new(),
        }
    }
}

impl SiteFrame {
    /// What a new organisation starts with.
    pub fn of(organisation: &Organisation) -> Self {
        Self { name: organisation.name.clone(), theme: organisation.theme.clone(), ..Self::default() }
    }

    /// Where a visitor who may not enter can ask: a page, else a mail address, else empty.
    pub fn contact_url(&self) -> String {
        if !self.contact_path.is_empty() {
            self.contact_path.clone()
        } else if !self.contact_email.is_empty() {
            // RFC 6068, section 2: these would end the address.
            let encoded: String = self.contact_email.chars().map(encoded).collect();
            format!("mailto:{encoded}")
        } else {
            String::new()
        }
    }
}

/// Name, logo and colour as a form sends them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrameInput {
    pub name: String,
    pub tagline: String,
    pub accent: String,
    /// A file's id, or empty.
    pub logo: String,
    pub logo_alt: String,
    pub contact_email: String,
    pub contact_path: String,
    pub theme: String,
}

/// What a form can choose from.
pub struct FrameChoices<'a> {
    /// Pictures that everyone may see.
    pub logos: &'a [FileId],
    pub themes: &'a [String],
}

impl FrameInput {
    /// `before` with what the form says. [`ServiceError::Invalid`] with every message at once.
    pub fn check(self, before: SiteFrame, choices: &FrameChoices<'_>) -> Result<SiteFrame, ServiceError> {
        let mut errors: Vec<(String, &'static str)> = Vec::new();
        let mut wrong = |field: &str, message: &'static str| errors.push((field.to_owned(), message));
        let [name, tagline, logo_alt] = [&self.name, &self.tagline, &self.logo_alt].map(|text| text.trim().to_owned());
        if name.is_empty() || !is_line(&name, 60) {
            wrong("name", "site-name-wrong");
        }
        if !is_line(&tagline, 100) {
            wrong("tagline", "site-tagline-wrong");
        }
        let accent = self.accent.trim().to_ascii_lowercase();
        if !is_colour(&accent) {
            wrong("accent", "site-accent-wrong");
        }
        let logo = match self.logo.as_str() {
            "" => None,
            text => text.parse::<FileId>().ok().filter(|id| choices.logos.contains(id)),
        };
        if logo.is_none() && !self.logo.is_empty() {
            wrong("logo", "site-logo-missing");
        }
        if (logo.is_some() && logo_alt.is_empty()) || !is_line(&logo_alt, 200) {
            wrong("logo_alt", "site-logo-alt-missing");
        }
        let contact_email = self.contact_email.trim().to_owned();
        if !contact_email.is_empty() && contact_email.parse::<Email>().is_err() {
            wrong("contact_email", "site-contact-email-wrong");
        }
        let contact_path = link_target(&self.contact_path).unwrap_or_else(|| {
            if !self.contact_path.trim().is_empty() {
                wrong("contact_path", "site-path-wrong");
            }
            String::new()
        });
        if !choices.themes.contains(&self.theme) {
            wrong("theme", "site-theme-missing");
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        Ok(SiteFrame { name, tagline, accent, logo, logo_alt, contact_email, contact_path, theme: self.theme, ..before })
    }
}

/// A row of a menu as a form sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MenuRow {
    pub label_ja: String,
    pub label_en: String,
    pub path: String,
}

impl MenuRow {
    pub fn is_empty(&self) -> bool {
        [&self.label_ja, &self.label_en, &self.path].iter().all(|text| text.trim().is_empty())
    }

    /// The row that shows `item`.
    pub fn of(item: &MenuItem) -> Self {
        let label = |locale| item.label.0.get(&locale).cloned().unwrap_or_default();
        Self { label_ja: label(Locale::Ja), label_en: label(Locale::En), path: item.path.clone() }
    }

    /// What is wrong with it: the field (`label` or `path`) and a message.
    fn check(&self) -> Result<MenuItem, (&'static str, &'static str)> {
        let labels = [(Locale::Ja, self.label_ja.trim()), (Locale::En, self.label_en.trim())];
        let labels = labels.into_iter().filter(|(_, label)| !label.is_empty());
        let label = Localised(labels.map(|(locale, label)| (locale, label.to_owned())).collect());
        if label.0.is_empty() || !label.0.values().all(|label| is_line(label, 40)) {
            return Err(("label", "site-menu-label-wrong"));
        }
        let path = link_target(&self.path).ok_or(("path", "site-path-wrong"))?;
        Ok(MenuItem { label, path })
    }
}

/// A menu from its rows; empty rows fall away. The errors are of fields `<name>-<row from 0>-<label or path>`.
pub fn check_menu(name: &str, rows: &[MenuRow]) -> Result<Vec<MenuItem>, Vec<(String, &'static str)>> {
    let mut items = Vec::new();
    let mut errors = Vec::new();
    for (number, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
        match row.check() {
            Ok(item) => items.push(item),
            Err((field, message)) => errors.push((format!("{name}-{number}-{field}"), message)),
        }
    }
    if items.len() > 20 {
        errors.push((format!("{name}-0-label"), "site-menu-too-long"));
    }
    if errors.is_empty() { Ok(items) } else { Err(errors) }
}

/// Where a link of the frame may lead: a page, a plugin's page, or another site over HTTPS.
fn link_target(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("https://") {
        let address = url::Url::parse(text).ok().filter(|address| address.username().is_empty())?;
        return (!rest.is_empty() && text.len() <= 500).then(|| address.to_string());
    }
    if let Some(rest) = text.strip_prefix("/p/") {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./?=&%".contains(&byte);
        let sound = !rest.is_empty() && rest.bytes().all(plain) && !rest.contains("..") && !rest.starts_with('/');
        return (sound && text.len() <= 500).then(|| text.to_owned());
    }
    PagePath::parse(text).ok().map(Into::into)
}

fn encoded(character: char) -> String {
    match character {
        '%' => "%25".to_owned(),
        '?' => "%3F".to_owned(),
        '&' => "%26".to_owned(),
        '#' => "%23".to_owned(),
        '/' => "%2F".to_owned(),
        other => other.to_string(),
    }
}

fn is_line(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(themes: &[String]) -> FrameChoices<'_> {
        FrameChoices { logos: &[], themes }
    }

    fn input() -> FrameInput {
        FrameInput { name: "ほしぞら会".into(), accent: "#3B4FA3".into(), theme: "commons".into(), ..FrameInput::default() }
    }

    #[test]
    fn a_form_changes_the_frame_and_leaves_the_menus() {
        let before = SiteFrame {
            menu: vec![MenuItem { label: Localised([(Locale::Ja, "ホーム".to_owned())].into()), path: "/".into() }],
            ..SiteFrame::default()
        };
        let frame = input().check(before.clone(), &choices(&["commons".to_owned()])).unwrap();
        assert_eq!((frame.name.as_str(), frame.accent.as_str()), ("ほしぞら会", "#3b4fa3"));
        assert_eq!(frame.menu, before.menu);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = FrameInput {
            name: String::new(),
            accent: "blue".into(),
            logo: "x".into(),
            contact_email: "nobody".into(),
            contact_path: "/admin".into(),
            theme: "none".into(),
            ..input()
        };
        let Err(ServiceError::Invalid(errors)) = wrong.check(SiteFrame::default(), &choices(&[])) else { panic!("it was accepted") };
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["name", "accent", "logo", "contact_email", "contact_path", "theme"]);
    }

    #[test]
    fn a_menu_leads_to_pages_plugins_and_secure_sites_only() {
        for (path, stored) in [
            ("/", Some("/")),
            ("About", Some("/about")),
            ("/p/fan-board/", Some("/p/fan-board/")),
            ("https://example.com", Some("https://example.com/")),
            ("javascript:alert(1)", None),
            ("//evil.example", None),
            ("http://example.com", None),
            ("https://user@example.com/", None),
            ("/admin", None),
            ("/p/../admin", None),
        ] {
            assert_eq!(link_target(path).as_deref(), stored, "{path}");
        }
    }

    #[test]
    fn empty_rows_of_a_menu_fall_away_and_wrong_ones_are_named() {
        let row = |label: &str, path: &str| MenuRow { label_ja: label.into(), label_en: String::new(), path: path.into() };
        let menu = check_menu("menu", &[row("ホーム", "/"), MenuRow::default(), row("会報", "kaiho")]).unwrap();
        assert_eq!(menu.iter().map(|item| item.path.as_str()).collect::<Vec<_>>(), ["/", "/kaiho"]);
        let errors = check_menu("menu", &[row("", "/"), row("x", "a b")]).unwrap_err();
        assert_eq!(errors, [("menu-0-label".to_owned(), "site-menu-label-wrong"), ("menu-1-path".to_owned(), "site-path-wrong")]);
    }
}
