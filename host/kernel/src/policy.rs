//! What the operator lets plugins do at all, whatever their manifests ask for and organisations grant. It is asked at
//! each call, so a stricter one holds from the next start on.

use crate::calls::Installation;
use serde::Deserialize;

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Ids of the plugins that may be used; empty: all that are installed.
    pub allow: Vec<String>,
    /// Ids of plugins that may not be used.
    pub forbid: Vec<String>,
    /// Interfaces that no plugin gets (`members-read`), or not this one (`fan-board:members-read`).
    pub forbid_permissions: Vec<String>,
    /// The same for fields of members: `tier`, `fan-board:tier`.
    pub forbid_member_fields: Vec<String>,
}

impl Policy {
    pub fn permits_plugin(&self, plugin: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|id| id == plugin);
        (self.allow.is_empty() || named(&self.allow)) && !named(&self.forbid)
    }

    pub fn permits(&self, plugin: &str, interface: &str) -> bool {
        self.permits_plugin(plugin) && !forbidden(&self.forbid_permissions, plugin, interface)
    }

    pub fn permits_member_field(&self, plugin: &str, field: &str) -> bool {
        self.permits(plugin, "members-read") && !forbidden(&self.forbid_member_fields, plugin, field)
    }
}

fn forbidden(list: &[String], plugin: &str, name: &str) -> bool {
    list.iter().any(|entry| entry == name || entry.split_once(':') == Some((plugin, name)))
}

impl Installation {
    /// Manifest and grant and policy: the one place where the three meet.
    pub fn may_use(&self, policy: &Policy, interface: &str) -> bool {
        let asked = self.manifest.permissions.iter().any(|permission| permission.interface == interface);
        asked && self.granted.contains(interface) && policy.permits(&self.manifest.id, interface)
    }

    /// The fields of members that it is shown.
    pub fn shown_member_fields<'a>(&'a self, policy: &'a Policy) -> impl Iterator<Item = &'a String> {
        let manifest = &self.manifest;
        let granted = manifest.member_fields.iter().filter(|field| self.member_fields.contains(*field));
        granted.filter(|field| policy.permits_member_field(&manifest.id, field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn without_a_word_of_the_operator_everything_is_permitted() {
        let policy = Policy::default();
        assert!(policy.permits("fan-board", "store") && policy.permits_member_field("fan-board", "tier"));
    }

    #[test]
    fn what_is_forbidden_is_so_for_all_or_for_the_one_that_is_named() {
        let policy = Policy { forbid_permissions: list(&["activities", "shop:members-read"]), ..Policy::default() };
        assert!(!policy.permits("fan-board", "activities") && policy.permits("fan-board", "members-read"));
        assert!(!policy.permits("shop", "members-read"));
        assert!(!policy.permits_member_field("shop", "tier"), "a field needs its interface");
        let policy = Policy { forbid_member_fields: list(&["joined-on"]), ..Policy::default() };
        assert!(!policy.permits_member_field("shop", "joined-on") && policy.permits_member_field("shop", "tier"));
    }

    #[test]
    fn a_list_of_allowed_plugins_leaves_all_others_out() {
        let policy = Policy { allow: list(&["fan-board", "shop"]), forbid: list(&["shop"]), ..Policy::default() };
        assert!(policy.permits("fan-board", "store"));
        assert!(!policy.permits("shop", "store") && !policy.permits("notes", "store"));
    }
}
