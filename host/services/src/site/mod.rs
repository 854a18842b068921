//! What an organisation shows on every page: name, logo, colour, menu, contact.

use serde::{Deserialize, Serialize};
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::{FileId, Organisation};

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
            menu: Vec::new(),
            footer_menu: Vec::new(),
        }
    }
}

impl SiteFrame {
    /// What a new organisation starts with.
    pub fn of(organisation: &Organisation) -> Self {
        Self { name: organisation.name.clone(), ..Self::default() }
    }
}
