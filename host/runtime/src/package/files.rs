//! The files of a package: templates and both languages, complete.

use super::refused;
use fluent_syntax::ast::Entry;
use std::collections::BTreeMap;
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::PackageRefused;

pub fn check(manifest: &Manifest, files: &BTreeMap<&str, &[u8]>) -> Result<(), PackageRefused> {
    for (path, bytes) in files {
        if !path.starts_with("assets/") && std::str::from_utf8(bytes).is_err() {
            return Err(refused(*path, "the file is not UTF-8"));
        }
    }
    let answers = !manifest.routes.is_empty() || !manifest.blocks.is_empty();
    if answers && !files.keys().any(|path| path.starts_with("templates/")) {
        return Err(refused("templates/", "the manifest has routes or blocks, but the package has no template"));
    }
    let messages = Locale::ALL
        .into_iter()
        .map(|locale| {
            let path = format!("locales/{}.ftl", locale.tag());
            let bytes = files.get(path.as_str()).ok_or_else(|| refused(path.as_str(), "the file is missing"))?;
            let text = std::str::from_utf8(bytes).map_err(|_| refused(path.as_str(), "the file is not UTF-8"))?;
            let found = messages(&path, text)?;
            Ok((path, found))
        })
        .collect::<Result<Vec<_>, _>>()?;
    for (path, found) in &messages {
        for (other, there) in &messages {
            if let Some((id, line)) = there.iter().find(|(id, _)| !found.contains_key(*id)) {
                return Err(refused(path, format!("the message `{id}` is missing, which {other}:{line} has")));
            }
        }
    }
    for (path, found) in &messages {
        let mut wanted = manifest.mails.iter().flat_map(|mail| [mail.subject_key(), mail.text_key()]);
        if let Some(key) = wanted.find(|key| !found.contains_key(key.as_str())) {
            return Err(refused(path, format!("the message `{key}` is missing: the manifest declares that mail")));
        }
    }
    Ok(())
}

/// The messages of a locale file, each with its line.
fn messages<'a>(path: &str, text: &'a str) -> Result<BTreeMap<&'a str, usize>, PackageRefused> {
    let line = |offset: usize| text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
    let resource = fluent_syntax::parser::parse(text).map_err(|(_, errors)| match errors.first() {
        Some(error) => refused(format!("{path}:{}", line(error.pos.start)), crate::loggable(&error.kind.to_string(), 200)),
        None => refused(path, "the file can't be parsed"),
    })?;
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            // Names are slices of the text, so their place is known.
            let offset = (message.id.name.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            if found.insert(message.id.name, line(offset)).is_some() {
                return Err(refused(format!("{path}:{}", line(offset)), format!("the message `{}` is there twice", message.id.name)));
            }
        }
    }
    Ok(found)
}
