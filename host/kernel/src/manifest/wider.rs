//! What a version of a plugin asks for beyond another one: staff have to agree to that before it runs.

use super::{Area, Manifest, Route};
use crate::gate::Gate;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wider {
    pub interfaces: BTreeSet<String>,
    pub member_fields: BTreeSet<String>,
    /// Hosts that it did not talk to, and hosts that a secret did not go to.
    pub hosts: BTreeSet<String>,
    /// Names of the plugin's own permissions for staff that are new.
    pub staff_permissions: BTreeSet<String>,
    /// Paths that more people may come to than before: pages of the site, and the staff area's without a permission.
    pub opened: BTreeSet<String>,
}

impl Wider {
    /// What `after` wants and `before` did not.
    pub fn between(before: &Manifest, after: &Manifest) -> Self {
        let interfaces = |manifest: &Manifest| manifest.permissions.iter().map(|request| request.interface.clone()).collect();
        let fields = |manifest: &Manifest| manifest.member_fields.iter().cloned().collect();
        let staff = |manifest: &Manifest| manifest.staff_permissions.iter().map(|permission| permission.name.clone()).collect();
        let hosts = |manifest: &Manifest| manifest.granted_by(&["http-client".to_owned()].into());
        let opened = after.routes.iter().filter(|route| before.routes.iter().any(|old| same(old, route) && is_wider(old, route)));
        Self {
            interfaces: beyond(interfaces(before), interfaces(after)),
            member_fields: beyond(fields(before), fields(after)),
            hosts: beyond(hosts(before), hosts(after)),
            staff_permissions: beyond(staff(before), staff(after)),
            opened: opened.map(|route| crate::calls::plugin_path(route.area, &after.id, &route.path)).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn beyond(before: BTreeSet<String>, after: BTreeSet<String>) -> BTreeSet<String> {
    after.difference(&before).cloned().collect()
}

/// Whether requests that reached one reach the other now: by path, or under the same name.
fn same(before: &Route, after: &Route) -> bool {
    let shape =
        |route: &Route| route.path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }.to_owned()).collect::<Vec<_>>();
    before.area == after.area && before.method == after.method && (shape(before) == shape(after) || before.name == after.name)
}

fn is_wider(before: &Route, after: &Route) -> bool {
    match after.area {
        Area::Admin => before.permission.is_some() && before.permission != after.permission,
        Area::Site => !within(&before.gate, &after.gate),
    }
}

/// Whether everybody whom `after` admits passed `before` too.
fn within(before: &Gate, after: &Gate) -> bool {
    match (before, after) {
        (Gate::Everyone, _) | (_, Gate::Staff) => true,
        (Gate::Members, after) => *after != Gate::Everyone,
        (Gate::Tiers { tiers: before }, Gate::Tiers { tiers: after }) => after.is_subset(before),
        (Gate::Labels { labels: before }, Gate::Labels { labels: after }) => after.is_subset(before),
        (Gate::Segments { segments: before }, Gate::Segments { segments: after }) => after.is_subset(before),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(edit: impl FnOnce(&mut serde_json::Value)) -> Manifest {
        let mut manifest = serde_json::json!({
            "id": "notes", "version": "1.0.0", "contract": "0.1", "name": { "ja": "メモ" },
            "permissions": [{ "interface": "store", "why": { "ja": "保存" } }],
            "staff-permissions": [{ "name": "moderate", "label": { "ja": "管理" } }],
            "routes": [
                { "name": "home", "method": "GET", "path": "/", "area": "site", "gate": { "kind": "tiers", "tiers": ["gold", "silver"] } },
                { "name": "desk", "method": "GET", "path": "/desk/{n}", "area": "admin", "permission": "moderate" },
            ],
        });
        edit(&mut manifest);
        serde_json::from_value(manifest).unwrap()
    }

    fn wider(edit: impl FnOnce(&mut serde_json::Value)) -> Wider {
        Wider::between(&manifest(|_| {}), &manifest(edit))
    }

    #[test]
    fn the_same_or_less_asks_for_nothing() {
        assert!(wider(|_| {}).is_empty());
        assert!(wider(|manifest| manifest["permissions"] = serde_json::json!([])).is_empty());
        assert!(wider(|manifest| manifest["routes"][0]["gate"]["tiers"] = serde_json::json!(["gold"])).is_empty());
    }

    #[test]
    fn a_new_power_a_new_field_and_a_new_permission_are_named() {
        let request = serde_json::json!({ "interface": "members-read", "why": { "ja": "表示" } });
        let found = wider(|manifest| {
            manifest["permissions"].as_array_mut().unwrap().push(request);
            manifest["member-fields"] = serde_json::json!(["tier"]);
            manifest["staff-permissions"][0]["name"] = "rule".into();
        });
        let set = |name: &str| BTreeSet::from([name.to_owned()]);
        assert_eq!((found.interfaces, found.member_fields, found.staff_permissions), (set("members-read"), set("tier"), set("rule")));
    }

    #[test]
    fn a_new_host_and_a_new_way_of_a_secret_are_named() {
        let found = wider(|manifest| {
            manifest["hosts"] = serde_json::json!([{ "host": "api.example.com" }]);
            manifest["secrets"] = serde_json::json!([{ "name": "key", "label": { "ja": "鍵" }, "hosts": ["https://api.example.com"] }]);
        });
        assert_eq!(found.hosts.into_iter().collect::<Vec<_>>(), ["host:https://api.example.com", "secret:key@https://api.example.com"]);
    }

    #[test]
    fn a_page_that_was_gated_and_opens_is_named_by_its_address() {
        let opened = |edit: &dyn Fn(&mut serde_json::Value)| wider(edit).opened.into_iter().collect::<Vec<_>>();
        let members = serde_json::json!({ "kind": "members" });
        assert_eq!(opened(&|manifest| manifest["routes"][0]["gate"] = members.clone()), ["/p/notes/"]);
        assert_eq!(opened(&|manifest| manifest["routes"][0]["gate"]["tiers"] = serde_json::json!(["gold", "free"])), ["/p/notes/"]);
        assert_eq!(
            opened(&|manifest| drop(manifest["routes"][1].as_object_mut().unwrap().remove("permission"))),
            ["/admin/p/notes/desk/{n}"]
        );
        // Another address does not hide it: the page is known by its name too.
        let elsewhere = |manifest: &mut serde_json::Value| {
            manifest["routes"][0]["path"] = "/elsewhere".into();
            manifest["routes"][0]["gate"] = serde_json::json!({ "kind": "everyone" });
        };
        assert_eq!(opened(&elsewhere), ["/p/notes/elsewhere"]);
    }
}
