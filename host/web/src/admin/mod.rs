//! The admin's frame: its navigation. Each feature has its own pages.

use crate::Web;
use crate::visiting::Visiting;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;

/// Key, address, and the permission that it takes (empty: any member of staff).
const SECTIONS: [(&str, &str, &str); 6] = [
    ("overview", "/admin", ""),
    ("pages", "/admin/pages", Permission::SITE),
    ("files", "/admin/files", Permission::SITE),
    ("site", "/admin/site", Permission::SITE),
    ("plugins", "/admin/plugins", Permission::PLUGINS),
    ("staff", "/admin/staff", Permission::STAFF),
];

impl Web {
    /// The entries that this visitor may open, with the current one marked.
    pub(crate) fn admin_navigation(&self, visiting: &Visiting, current: &str) -> Vec<Value> {
        let visitor = visiting.visitor();
        let open = SECTIONS.iter().filter(|(_, _, permission)| permission.is_empty() || visitor.may(permission));
        let entry = |(key, url, _): &(&str, &str, &str)| {
            let label = self.look.message(visiting.locale(), &format!("admin-nav-{key}"), &json!({}));
            json!({ "key": key, "label": label, "url": url, "current": *key == current })
        };
        open.map(entry).collect()
    }
}
