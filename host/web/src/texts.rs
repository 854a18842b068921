//! The host's own texts and templates, which are inside the binary.

use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsudoi_kernel::Locale;
use tsudoi_render::locales::Catalogue;
use tsudoi_render::source::SourceError;
use tsudoi_render::templates::Templates;

static LOCALES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/locales");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/admin");

/// `locales/<language>/*.ftl`.
pub fn catalogue() -> Result<Catalogue, SourceError> {
    let files = Locale::ALL.iter().flat_map(|locale| {
        let folder = LOCALES.get_dir(locale.tag());
        folder.into_iter().flat_map(Dir::files).filter_map(|file| Some((*locale, file.path().to_str()?, file.contents_utf8()?)))
    });
    Catalogue::new(files.chain(tsudoi_render::locales::FILES))
}

/// `templates/admin/*.html`.
pub fn templates(catalogue: Arc<Catalogue>) -> Result<Templates, SourceError> {
    let files: BTreeMap<String, Vec<u8>> =
        TEMPLATES.files().map(|file| (format!("templates/{}", file.path().display()), file.contents().to_vec())).collect();
    Templates::load(&files, catalogue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_host_is_there_in_both_languages() {
        let catalogue = catalogue().unwrap();
        assert_eq!(catalogue.missing(), []);
        assert!(catalogue.keys(Locale::Ja).len() > 50);
    }

    #[test]
    fn the_hosts_templates_parse() {
        templates(Arc::new(catalogue().unwrap())).unwrap();
    }
}
