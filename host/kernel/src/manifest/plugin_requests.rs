//! What a request or an answer may name of a plugin: its own paths, paths of the site, a block's parameters.

use super::{Area, Parameter};
use crate::calls::plugin_path;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The parameter that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongParameter(pub String);

/// The parameters that a block or a rule is called with: what the page or the segment gave, and the defaults for the rest.
pub fn complete_parameters(
    declared: &BTreeMap<String, Parameter>,
    given: Map<String, Value>,
) -> Result<Map<String, Value>, WrongParameter> {
    if let Some(unknown) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(WrongParameter(unknown.clone()));
    }
    let mut complete = Map::new();
    for (name, parameter) in declared {
        let Some(value) = given.get(name).or(parameter.default.as_ref()) else { continue };
        if parameter.check(value).is_err() {
            return Err(WrongParameter(name.clone()));
        }
        complete.insert(name.clone(), value.clone());
    }
    Ok(complete)
}

/// Where a plugin's redirect leads: a path of the site where it starts with one `/`, else a path below the plugin's
/// own prefix in `area`. `None` for anything that could lead off the site.
pub fn redirect_path(area: Area, plugin: &str, target: &str) -> Option<String> {
    if target.contains('\\') || target.chars().any(char::is_control) || target.starts_with("//") || target.len() > 2000 {
        return None;
    }
    if target.starts_with('/') {
        return Some(target.to_owned());
    }
    let first = target.split(['/', '?', '#']).next().unwrap_or_default();
    if first.contains(':') {
        return None;
    }
    Some(plugin_path(area, plugin, &format!("/{target}")))
}

/// The part of `path` below the plugin's prefix in `area`, and its query, where it is one of its own paths.
pub fn own_path(area: Area, plugin: &str, path: &str) -> Option<(String, Vec<(String, String)>)> {
    let prefix = plugin_path(area, plugin, "");
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let rest = path.strip_prefix(&prefix)?;
    let rest = if rest.is_empty() { "/" } else { rest };
    if !rest.starts_with('/') {
        return None;
    }
    // Queries of a plugin's own links: names and values of letters that need no decoding; others are left out.
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, value)| plain(name) && plain(value));
    Some((rest.to_owned(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_redirect_stays_on_the_site() {
        let path = |target| redirect_path(Area::Site, "notes", target);
        assert_eq!(path("/about").as_deref(), Some("/about"));
        assert_eq!(path("threads/1?page=2#p").as_deref(), Some("/p/notes/threads/1?page=2#p"));
        assert_eq!(path("").as_deref(), Some("/p/notes/"));
        for bad in ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x"] {
            assert_eq!(path(bad), None, "{bad}");
        }
        assert_eq!(redirect_path(Area::Admin, "notes", "reports").as_deref(), Some("/admin/p/notes/reports"));
    }

    #[test]
    fn a_form_can_only_name_a_path_of_its_own_plugin() {
        assert_eq!(own_path(Area::Site, "notes", "/p/notes/a?x=1"), Some(("/a".into(), vec![("x".into(), "1".into())])));
        assert_eq!(own_path(Area::Site, "notes", "/p/notes"), Some(("/".into(), vec![])));
        assert_eq!(own_path(Area::Site, "notes", "/p/notes-2/a"), None);
        assert_eq!(own_path(Area::Site, "notes", "/admin/p/notes/a"), None);
    }

    #[test]
    fn a_block_gets_its_defaults_and_refuses_what_is_out_of_range() {
        let limit = json!({ "type": "integer", "label": {}, "default": 5, "minimum": 1, "maximum": 20 });
        let limit: Parameter = serde_json::from_value(limit).unwrap();
        let block = BTreeMap::from([("limit".to_owned(), limit)]);
        let given = |value: Value| value.as_object().cloned().unwrap_or_default();
        assert_eq!(complete_parameters(&block, given(json!({}))).map(Value::Object), Ok(json!({"limit": 5})));
        assert_eq!(complete_parameters(&block, given(json!({"limit": 21}))), Err(WrongParameter("limit".into())));
        assert_eq!(complete_parameters(&block, given(json!({"limit": "5"}))), Err(WrongParameter("limit".into())));
        assert_eq!(complete_parameters(&block, given(json!({"other": 1}))), Err(WrongParameter("other".into())));
    }
}
