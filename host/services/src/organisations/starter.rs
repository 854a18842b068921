//! The site that a new organisation begins with: pages that are true for any organisation, so that nothing invented
//! stands on its site before staff have written their own.

use super::NewOrganisation;
use crate::ServiceError;
use crate::pages::{PageBody, PagePath};
use crate::site::{MenuItem, SiteFrame};
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::{Gate, Locale, Organisation};

/// A path, and the text in a language: its first line is the title.
type Starter = (&'static str, &'static str);

fn starters(locale: Locale) -> [Starter; 4] {
    match locale {
        Locale::Ja => [
            ("/", include_str!("starter/ja/home.md")),
            ("/about", include_str!("starter/ja/about.md")),
            ("/contact", include_str!("starter/ja/contact.md")),
            ("/privacy", include_str!("starter/ja/privacy.md")),
        ],
        Locale::En => [
            ("/", include_str!("starter/en/home.md")),
            ("/about", include_str!("starter/en/about.md")),
            ("/contact", include_str!("starter/en/contact.md")),
            ("/privacy", include_str!("starter/en/privacy.md")),
        ],
    }
}

/// The pages, in the language of the site.
pub fn pages(wanted: &NewOrganisation) -> Result<Vec<PageBody>, ServiceError> {
    let contact = match &wanted.contact_email {
        Some(email) => format!("[{email}](mailto:{email})"),
        None => String::new(),
    };
    let name = plain(&wanted.name);
    let page = |(path, text): Starter| {
        let (title, text) = text.split_once('\n').unwrap_or((text, ""));
        let text = text
            .replace("{name}", &name)
            .replace("{contact}\n\n", &if contact.is_empty() { String::new() } else { format!("{contact}\n\n") });
        Ok(PageBody {
            title: title.trim_start_matches("# ").to_owned(),
            path: PagePath::parse(path).map_err(|error| ServiceError::Broken(format!("{path}: {error}")))?,
            text: text.trim().to_owned(),
            gate: Gate::Everyone,
            teaser: String::new(),
        })
    };
    starters(wanted.locale).into_iter().map(page).collect()
}

/// Menu and footer lead to the pages.
pub fn frame(organisation: &Organisation, wanted: &NewOrganisation, pages: &[PageBody]) -> SiteFrame {
    let link = |page: &PageBody| MenuItem {
        label: Localised([(organisation.locale, page.title.clone())].into()),
        path: page.path.as_str().to_owned(),
    };
    let at = |paths: &[&str]| pages.iter().filter(|page| paths.contains(&page.path.as_str())).map(link).collect();
    SiteFrame {
        contact_email: wanted.contact_email.as_ref().map(ToString::to_string).unwrap_or_default(),
        contact_path: "/contact".into(),
        menu: at(&["/", "/about", "/contact"]),
        footer_menu: at(&["/contact", "/privacy"]),
        ..SiteFrame::of(organisation)
    }
}

/// A name as Markdown that shows it and nothing else (CommonMark 0.31, section 2.4).
fn plain(name: &str) -> String {
    name.chars().flat_map(|character| character.is_ascii_punctuation().then_some('\\').into_iter().chain([character])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_is_written() {
        assert_eq!(plain("A*B <会>"), "A\\*B \\<会\\>");
    }
}
