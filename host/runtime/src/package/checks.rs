//! What the manifest's shape can't say: names, references from one part to another, and types of defaults.

use super::background;
use super::contract::{FREE, GRANTED};
use super::manifest::{Source, Step, steps};
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::background::EVENT_PERMISSION;
use tsudoi_kernel::form::ANSWERED;
use tsudoi_kernel::gate::Gate;
use tsudoi_kernel::locale::{Locale, Localised};
use tsudoi_kernel::manifest::{
    Area, CardPlace, ChangedBy, Collection, MEMBER_FIELDS, Manifest, Method, OnErase, Parameter, ParameterKind, Route, ShownTo, Uploads,
};
use tsudoi_kernel::organisation::is_slug;
use tsudoi_kernel::ports::PackageRefused;

const CONTRACT: &str = "0.1";
const MAX_INDEXES: usize = 16;
const MAX_INDEX_FIELDS: usize = 8;

pub fn check(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    if !is_slug(&manifest.id) {
        return Err(source.refuse(steps!["id"], "an id is 1 to 40 of a-z, 0-9 and -, not at an end"));
    }
    if let Err(error) = semver::Version::parse(&manifest.version) {
        return Err(source.refuse(steps!["version"], format!("not a semantic version: {error}")));
    }
    if manifest.contract != CONTRACT {
        return Err(source.refuse(steps!["contract"], format!("the host serves version {CONTRACT} of the contract")));
    }
    localised(source, steps!["name"], &manifest.name)?;
    if !manifest.description.0.is_empty() {
        localised(source, steps!["description"], &manifest.description)?;
    }
    permissions(source, manifest)?;
    for (name, collection) in &manifest.collections {
        check_collection(source, manifest, name, collection)?;
    }
    if !manifest.collections.is_empty() && !asks_for(manifest, "store") {
        return Err(source.refuse(steps!["collections"], "collections need the permission `store`"));
    }
    routes(source, manifest)?;
    parts(source, "blocks", manifest.blocks.iter().map(|block| (&block.name, &block.label, &block.parameters)))?;
    parts(source, "rules", manifest.rules.iter().map(|rule| (&rule.name, &rule.label, &rule.parameters)))?;
    if let Some(number) = manifest.rules.iter().position(|rule| rule.parameters.values().any(|parameter| parameter.default.is_none())) {
        return Err(source.refuse(steps!["rules", number, "parameters"], "a rule's parameter has a default"));
    }
    // It could be for a segment that asks this rule.
    if let Some(number) = manifest.rules.iter().position(|rule| rule.parameters.values().any(|one| one.kind == ParameterKind::Object)) {
        return Err(source.refuse(steps!["rules", number, "parameters"], "a rule's parameter is no gate"));
    }
    background::check(source, manifest)?;
    for (number, entry) in manifest.menu.iter().enumerate() {
        localised(source, steps!["menu", number, "label"], &entry.label)?;
        if manifest.route(entry.area, Method::Get, &entry.path).is_none() {
            return Err(source.refuse(steps!["menu", number, "path"], "no GET route of this area has this path"));
        }
    }
    for (number, card) in manifest.cards.iter().enumerate() {
        if manifest.block(&card.block).is_none() {
            return Err(source.refuse(steps!["cards", number, "block"], "the manifest has no block of this name"));
        }
        let Some(permission) = &card.permission else { continue };
        if card.place != CardPlace::Dashboard {
            return Err(source.refuse(steps!["cards", number, "permission"], "only cards on the dashboard take a permission"));
        }
        if !manifest.staff_permissions.iter().any(|declared| declared.name == *permission) {
            return Err(source.refuse(steps!["cards", number, "permission"], "no such permission under staff-permissions"));
        }
    }
    super::outside::check(source, manifest)?;
    for (key, setting) in &manifest.settings {
        word(source, steps!["settings", key], key)?;
        if setting.default.is_none() {
            return Err(source.refuse(steps!["settings", key], "a setting has a default"));
        }
        parameter(source, steps!["settings", key], setting)?;
    }
    Ok(())
}

pub(super) fn asks_for(manifest: &Manifest, interface: &str) -> bool {
    manifest.permissions.iter().any(|permission| permission.interface == interface)
}

/// A text that people read: in every language, and something in it.
pub(super) fn localised(source: &Source<'_>, path: &[Step<'_>], text: &Localised) -> Result<(), PackageRefused> {
    for locale in Locale::ALL {
        if text.0.get(&locale).is_none_or(|text| text.trim().is_empty()) {
            return Err(source.refuse(path, format!("the text is missing in the language `{}`", locale.tag())));
        }
    }
    Ok(())
}

/// A name that programs use: `a-z`, `0-9`, `-` and `_`, beginning with a letter.
pub(super) fn word(source: &Source<'_>, path: &[Step<'_>], name: &str) -> Result<(), PackageRefused> {
    let good = (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
        && name.starts_with(|first: char| first.is_ascii_lowercase());
    if good { Ok(()) } else { Err(source.refuse(path, "a name is 1 to 40 of a-z, 0-9, - and _, and begins with a letter")) }
}

/// A field of a document: letters of both cases too, as JSON has them.
fn field(source: &Source<'_>, path: &[Step<'_>], name: &str) -> Result<(), PackageRefused> {
    let good = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if good { Ok(()) } else { Err(source.refuse(path, "a field's name is 1 to 64 of A-Z, a-z, 0-9, - and _")) }
}

/// Whoever answered a form is led to a page that there is, and the plugin hears of it.
fn forms(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let hears = |topic: &str| manifest.subscriptions.iter().any(|subscription| subscription.topic == topic);
    let Some(forms) = &manifest.forms else {
        let reason = "forms take a `[forms]` that says where whoever answered is led";
        return match manifest.permissions.iter().position(|permission| permission.interface == "forms") {
            Some(number) => Err(source.refuse(steps!["permissions", number, "interface"], reason)),
            None if hears(ANSWERED) => Err(source.refuse(steps!["subscriptions"], reason)),
            None => Ok(()),
        };
    };
    if !asks_for(manifest, "forms") || !hears(ANSWERED) {
        let reason = "it takes the permission `forms` and a subscription to `form.answered`";
        return Err(source.refuse(steps!["forms"], reason));
    }
    let is_back = |route: &&Route| {
        let parameters = route.path.split('/').filter(|part| part.starts_with('{')).count();
        route.name == forms.back && route.area == Area::Site && route.method == Method::Get && parameters == 1
    };
    match manifest.routes.iter().find(is_back) {
        Some(_) => Ok(()),
        None => Err(source.refuse(steps!["forms", "back"], "the manifest has no GET route of the site with this name and one parameter")),
    }
}

fn permissions(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut seen = BTreeSet::new();
    for (number, permission) in manifest.permissions.iter().enumerate() {
        let interface = permission.interface.as_str();
        let refuse = |reason: String| Err(source.refuse(steps!["permissions", number, "interface"], reason));
        // Hearing of a topic: see `background`.
        let is_topic = interface.starts_with(EVENT_PERMISSION);
        if FREE.contains(&interface) {
            return refuse(format!("`{interface}` needs no permission"));
        }
        if !GRANTED.contains(&interface) && !is_topic {
            return refuse(format!("the contract has no interface `{}`", interface.escape_default()));
        }
        if !seen.insert(interface) {
            return refuse(format!("`{interface}` is asked for twice"));
        }
        localised(source, steps!["permissions", number, "why"], &permission.why)?;
    }
    if let Some(gateway) = &manifest.gateway {
        localised(source, steps!["gateway", "label"], &gateway.label)?;
        if !asks_for(manifest, "payments") {
            return Err(source.refuse(steps!["gateway"], "a gateway asks for `payments`, to say what was paid"));
        }
    }
    forms(source, manifest)?;
    let mut fields = BTreeSet::new();
    for (number, name) in manifest.member_fields.iter().enumerate() {
        let place = steps!["member-fields", number];
        if !MEMBER_FIELDS.contains(&name.as_str()) {
            return Err(source.refuse(place, format!("a member's fields are {}", MEMBER_FIELDS.join(", "))));
        }
        if !fields.insert(name) {
            return Err(source.refuse(place, format!("`{name}` is asked for twice")));
        }
    }
    if !manifest.member_fields.is_empty() && !asks_for(manifest, "members-read") {
        return Err(source.refuse(steps!["member-fields"], "members' fields need the permission `members-read`"));
    }
    for (name, added) in &manifest.added_fields {
        let place = steps!["added-fields", name];
        word(source, place, name)?;
        parameter(source, steps!["added-fields", name, "value"], &added.value)?;
        if added.value.kind == ParameterKind::Object {
            return Err(source.refuse(place, "a field of members is no gate"));
        }
        if added.changed_by == ChangedBy::Member && added.shown_to != ShownTo::Member {
            return Err(source.refuse(place, "what members change is shown to them"));
        }
    }
    if !manifest.added_fields.is_empty() && !asks_for(manifest, "members-read") && !asks_for(manifest, "members-write") {
        return Err(source.refuse(steps!["added-fields"], "fields of members need the permission `members-read` or `members-write`"));
    }
    let mut names = BTreeSet::new();
    for (number, permission) in manifest.staff_permissions.iter().enumerate() {
        word(source, steps!["staff-permissions", number, "name"], &permission.name)?;
        localised(source, steps!["staff-permissions", number, "label"], &permission.label)?;
        if !names.insert(&permission.name) {
            return Err(source.refuse(steps!["staff-permissions", number, "name"], format!("`{}` is declared twice", permission.name)));
        }
    }
    Ok(())
}

fn check_collection(source: &Source<'_>, manifest: &Manifest, name: &str, collection: &Collection) -> Result<(), PackageRefused> {
    word(source, steps!["collections", name], name)?;
    if collection.indexes.len() > MAX_INDEXES {
        return Err(source.refuse(steps!["collections", name, "indexes"], format!("a collection has at most {MAX_INDEXES} indexes")));
    }
    for (index_name, index) in &collection.indexes {
        word(source, steps!["collections", name, "indexes", index_name], index_name)?;
        let place = steps!["collections", name, "indexes", index_name, "fields"];
        if index.fields.is_empty() || index.fields.len() > MAX_INDEX_FIELDS {
            return Err(source.refuse(place, format!("an index has 1 to {MAX_INDEX_FIELDS} fields")));
        }
        for name in &index.fields {
            field(source, place, name)?;
        }
        if index.fields.iter().collect::<BTreeSet<_>>().len() < index.fields.len() {
            return Err(source.refuse(place, "an index has each field once"));
        }
    }
    if let Some(link) = &collection.member {
        field(source, steps!["collections", name, "member", "field"], &link.field)?;
        for name_of_field in &link.anonymise {
            field(source, steps!["collections", name, "member", "anonymise"], name_of_field)?;
        }
        for name_of_field in &link.files {
            field(source, steps!["collections", name, "member", "files"], name_of_field)?;
        }
        if !link.files.is_empty() && !asks_for(manifest, "files") {
            return Err(source.refuse(steps!["collections", name, "member", "files"], "files need the permission `files`"));
        }
        if link.on_erase == OnErase::Delete && !link.anonymise.is_empty() {
            return Err(source.refuse(steps!["collections", name, "member", "anonymise"], "`anonymise` goes with on-erase = \"anonymise\""));
        }
    }
    Ok(())
}

fn routes(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut names = BTreeSet::new();
    let mut shapes = BTreeSet::new();
    for (number, route) in manifest.routes.iter().enumerate() {
        word(source, steps!["routes", number, "name"], &route.name)?;
        let shape = path_shape(&route.path).map_err(|reason| source.refuse(steps!["routes", number, "path"], reason))?;
        if !names.insert((route.method, &route.name)) {
            return Err(source.refuse(steps!["routes", number, "name"], format!("two routes of this method are called `{}`", route.name)));
        }
        if !shapes.insert((route.area, route.method, shape)) {
            return Err(source.refuse(steps!["routes", number, "path"], "another route has the same paths"));
        }
        check_access(source, manifest, number, route)?;
        check_uploads(source, manifest, number, route)?;
    }
    Ok(())
}

fn check_access(source: &Source<'_>, manifest: &Manifest, number: usize, route: &Route) -> Result<(), PackageRefused> {
    let empty = match &route.gate {
        Gate::Tiers { tiers } => tiers.is_empty(),
        Gate::Labels { labels } => labels.is_empty(),
        Gate::Segments { .. } => {
            return Err(
                source.refuse(steps!["routes", number, "gate"], "segments are made by each organisation: a manifest can't name one")
            );
        }
        Gate::Everyone | Gate::Members | Gate::Staff => false,
    };
    if empty {
        return Err(source.refuse(steps!["routes", number, "gate"], "the gate names nobody"));
    }
    if route.area == Area::Admin && !matches!(route.gate, Gate::Everyone | Gate::Staff) {
        return Err(source.refuse(steps!["routes", number, "gate"], "admin routes are for staff: name a `permission` instead of a gate"));
    }
    let Some(permission) = &route.permission else { return Ok(()) };
    if route.area != Area::Admin {
        return Err(source.refuse(steps!["routes", number, "permission"], "only admin routes take a permission"));
    }
    if !manifest.staff_permissions.iter().any(|declared| declared.name == *permission) {
        return Err(source.refuse(steps!["routes", number, "permission"], "no such permission under staff-permissions"));
    }
    Ok(())
}

fn check_uploads(source: &Source<'_>, manifest: &Manifest, number: usize, route: &Route) -> Result<(), PackageRefused> {
    let Some(uploads) = &route.uploads else { return Ok(()) };
    let refuse = |key: &'static str, reason: String| Err(source.refuse(steps!["routes", number, "uploads", key], reason));
    if route.method != Method::Post || !asks_for(manifest, "files") {
        return refuse("fields", "only POST routes take files, of plugins with the permission `files`".to_owned());
    }
    if uploads.fields.is_empty() || uploads.fields.iter().collect::<BTreeSet<_>>().len() < uploads.fields.len() {
        return refuse("fields", "uploads name each of their fields once".to_owned());
    }
    for name in &uploads.fields {
        field(source, steps!["routes", number, "uploads", "fields"], name)?;
    }
    if !(1..=Uploads::MOST).contains(&uploads.most) {
        return refuse("most", format!("a form takes 1 to {} files", Uploads::MOST));
    }
    if !(1..=Uploads::MOST_MEGABYTES).contains(&uploads.megabytes) {
        return refuse("megabytes", format!("a file has 1 to {} megabytes", Uploads::MOST_MEGABYTES));
    }
    if uploads.kinds.is_empty() {
        return refuse("kinds", "name `picture`, `pdf` or both".to_owned());
    }
    Ok(())
}

/// The path with `{}` for each parameter: two routes of the same shape match the same requests.
fn path_shape(path: &str) -> Result<String, &'static str> {
    let Some(rest) = path.strip_prefix('/') else { return Err("a path begins with /") };
    if path.len() > 200 {
        return Err("a path has at most 200 letters");
    }
    let mut shape = String::new();
    let mut parameters = BTreeSet::new();
    for part in rest.split('/').filter(|_| !rest.is_empty()) {
        shape.push('/');
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            let good = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            if !good {
                return Err("a parameter is a name in braces, such as {thread}");
            }
            if !parameters.insert(name) {
                return Err("a path has each parameter once");
            }
            shape.push_str("{}");
        } else if part.is_empty() {
            return Err("a path has no empty parts and no / at its end");
        } else if part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.'))
            && !part.bytes().all(|byte| byte == b'.')
        {
            shape.push_str(part);
        } else {
            return Err("a part of a path is of a-z, 0-9, -, _ and ., or a parameter in braces");
        }
    }
    Ok(shape)
}

/// Blocks and rules: a name, words for people, and what they choose.
fn parts<'a>(
    source: &Source<'_>,
    list: &'static str,
    parts: impl Iterator<Item = (&'a String, &'a Localised, &'a BTreeMap<String, Parameter>)>,
) -> Result<(), PackageRefused> {
    let mut names = BTreeSet::new();
    for (number, (name, label, parameters)) in parts.enumerate() {
        word(source, steps![list, number, "name"], name)?;
        localised(source, steps![list, number, "label"], label)?;
        if !names.insert(name) {
            return Err(source.refuse(steps![list, number, "name"], format!("two {list} are called `{name}`")));
        }
        for (name, parameter) in parameters {
            let place = steps![list, number, "parameters", name];
            word(source, place, name)?;
            self::parameter(source, place, parameter)?;
        }
    }
    Ok(())
}

/// What a person chooses: words for people in every language, and a declaration that makes sense.
fn parameter(source: &Source<'_>, place: &[Step<'_>], parameter: &Parameter) -> Result<(), PackageRefused> {
    let at = |key: &'static str| place.iter().copied().chain([Step::Key(key)]).collect::<Vec<_>>();
    localised(source, &at("label"), &parameter.label)?;
    if !parameter.description.0.is_empty() {
        localised(source, &at("description"), &parameter.description)?;
    }
    for choice in &parameter.one_of {
        localised(source, &at("one-of"), &choice.title)?;
    }
    match parameter.mistake() {
        Some((key, reason)) => Err(source.refuse(&at(key), reason)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::package::inspect;
    use crate::testing::packages;

    /// The refusal of the good package's manifest with `from` replaced by `to`.
    fn refusal(from: &str, to: &str) -> String {
        let package = packages::good().edit_manifest(from, to);
        inspect(&package.bytes(), 16 << 20).unwrap_err().to_string()
    }

    #[test]
    fn each_mistake_is_named_with_its_line() {
        for (from, to, expected) in [
            ("id = \"sample\"", "id = \"Sample\"", "plugin.toml:1: an id is 1 to 40"),
            ("id = \"sample\"", "id = ", "plugin.toml:1: "),
            ("id = \"sample\"", "idd = \"sample\"", "plugin.toml:1: unknown field `idd`"),
            ("version = \"0.1.0\"", "version = \"1\"", "plugin.toml:2: not a semantic version"),
            ("contract = \"0.1\"", "contract = \"9.9\"", "plugin.toml:3: the host serves version 0.1"),
            (
                "name = { ja = \"見本\", en = \"Sample\" }",
                "name = { ja = \"見本\" }",
                "plugin.toml:4: the text is missing in the language `en`",
            ),
            ("interface = \"store\"", "interface = \"stores\"", "plugin.toml:9: the contract has no interface `stores`"),
            ("interface = \"store\"", "interface = \"log\"", "plugin.toml:9: `log` needs no permission"),
            ("fields = [\"board\", \"posted\"]", "fields = []", "plugin.toml:13: an index has 1 to 8 fields"),
            ("fields = [\"board\", \"posted\"]", "fields = [\"a\", \"a\"]", "plugin.toml:13: an index has each field once"),
            ("fields = [\"board\", \"posted\"]", "fields = [\"a.b\"]", "plugin.toml:13: a field's name"),
            ("path = \"/threads/{thread}\"", "path = \"threads\"", "plugin.toml:24: a path begins with /"),
            ("path = \"/threads/{thread}\"", "path = \"/a//b\"", "plugin.toml:24: a path has no empty parts"),
            ("path = \"/threads/{thread}\"", "path = \"/{a}/{a}\"", "plugin.toml:24: a path has each parameter once"),
            ("path = \"/threads/{thread}\"", "path = \"/\"", "plugin.toml:24: another route has the same paths"),
            ("area = \"admin\"", "area = \"site\"", "plugin.toml:33: only admin routes take a permission"),
            ("permission = \"moderate\"", "permission = \"rule\"", "plugin.toml:33: no such permission under staff-permissions"),
            ("default = 5", "default = \"five\"", "plugin.toml:40: the default is not of this type"),
            ("default = 5", "default = 99", "plugin.toml:40: the default lies outside"),
            ("path = \"/\" # menu", "path = \"/nowhere\"", "plugin.toml:47: no GET route of this area has this path"),
            ("default = true", "default = 1", "plugin.toml:52: the default is not of this type"),
        ] {
            let found = refusal(from, to);
            assert!(found.starts_with(expected), "{to}: {found}");
        }
    }

    #[test]
    fn files_come_through_forms_of_plugins_that_may_keep_them() {
        let with = |path: &str, uploads: &str| refusal(path, &format!("{path}\nuploads = {uploads}"));
        let get = with("path = \"/threads/{thread}\"", "{ fields = [\"picture\"] }");
        assert!(get.contains("only POST routes take files, of plugins with the permission `files`"), "{get}");
        let unknown = with("path = \"/threads/{thread}\"", "{ fields = [\"picture\"], most = 1, kinds = [\"film\"] }");
        assert!(unknown.contains("film"), "{unknown}");
    }

    #[test]
    fn a_rule_has_defaults_for_all_that_it_is_asked_with_and_no_gates() {
        let with = |parameter: &str| {
            let rule = "[[rules]]\nname = \"met\"\nlabel = { ja = \"会った\", en = \"Has met\" }\n";
            let text = format!("{rule}[rules.parameters]\nwho = {{ label = {{ ja = \"だれ\", en = \"Who\" }}, {parameter} }}\n\n[[menu]]");
            refusal("[[menu]]", &text)
        };
        assert!(with("type = \"string\"").contains("a rule's parameter has a default"));
        let gate = with("type = \"object\", format = \"gate\", default = { kind = \"everyone\" }");
        assert!(gate.contains("a rule's parameter is no gate"), "{gate}");
    }

    #[test]
    fn a_manifest_names_no_segments() {
        let path = "path = \"/threads/{thread}\"";
        let found = refusal(path, &format!("{path}\ngate = {{ kind = \"segments\", segments = [\"regulars\"] }}"));
        assert!(found.contains("segments are made by each organisation"), "{found}");
    }

    #[test]
    fn members_fields_need_their_permission() {
        let found = refusal("id = \"sample\"", "id = \"sample\"\nmember-fields = [\"tier\"]");
        assert_eq!(found, "plugin.toml:2: members' fields need the permission `members-read`");
        let found = refusal("id = \"sample\"", "id = \"sample\"\nmember-fields = [\"password\"]");
        assert!(found.starts_with("plugin.toml:2: a member's fields are display-name"), "{found}");
    }
}
