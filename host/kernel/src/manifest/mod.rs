//! What a plugin says about itself. In the source tree it is `plugin.toml`; in the package a custom section of the
//! component. Nothing of a plugin is run to learn this.

mod background;
pub mod outside;
mod parameter;
pub mod plugin_requests;
pub mod wider;

pub use background::{JobDeclaration, MailDeclaration, MailTo, Subscription, TopicDeclaration};
pub use parameter::{Choice, Format, Misfit, Parameter, ParameterKind};

use crate::gate::Gate;
use crate::ids::FileId;
use crate::locale::Localised;
use outside::{HostDeclaration, SecretDeclaration, WebhookDeclaration};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// `a-z`, `0-9` and `-`; also the first part of its paths: `/p/<id>/…` and `/admin/p/<id>/…`.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// The contract's version that it was built for: `0.1`.
    pub contract: String,
    pub name: Localised,
    #[serde(default)]
    pub description: Localised,
    /// Interfaces of the contract that it imports, and why. `context` and `log` need no permission.
    #[serde(default)]
    pub permissions: Vec<InterfaceRequest>,
    /// Fields of a member's record that `members-read` may show it, from [`MEMBER_FIELDS`].
    #[serde(default)]
    pub member_fields: Vec<String>,
    /// What it adds to each member's record.
    #[serde(default)]
    pub added_fields: BTreeMap<String, AddedField>,
    /// What staff may be allowed to do in it.
    #[serde(default)]
    pub staff_permissions: Vec<StaffPermission>,
    #[serde(default)]
    pub collections: BTreeMap<String, Collection>,
    #[serde(default)]
    pub routes: Vec<Route>,
    #[serde(default)]
    pub blocks: Vec<BlockDeclaration>,
    /// What segments can ask about members.
    #[serde(default)]
    pub rules: Vec<RuleDeclaration>,
    #[serde(default)]
    pub menu: Vec<MenuEntry>,
    /// Blocks that the host shows by itself.
    #[serde(default)]
    pub cards: Vec<Card>,
    #[serde(default)]
    /// What the organisation may choose; each has a default.
    pub settings: BTreeMap<String, Parameter>,
    /// Where `http-client` may go.
    #[serde(default)]
    pub hosts: Vec<HostDeclaration>,
    #[serde(default)]
    pub secrets: Vec<SecretDeclaration>,
    #[serde(default)]
    pub webhooks: Vec<WebhookDeclaration>,
    /// What it tells.
    #[serde(default)]
    pub topics: Vec<TopicDeclaration>,
    /// What it wants to be told.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
    #[serde(default)]
    pub jobs: Vec<JobDeclaration>,
    /// What `notify` may send.
    #[serde(default)]
    pub mails: Vec<MailDeclaration>,
    /// A way of paying that it is.
    #[serde(default)]
    pub gateway: Option<GatewayDeclaration>,
    /// That it leads members to forms of the host's.
    #[serde(default)]
    pub forms: Option<FormsDeclaration>,
}

/// What becomes of whoever answered a form for the plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormsDeclaration {
    /// The name of the page of the site to which they are led: a GET route with one parameter, which gets the key.
    pub back: String,
}

/// A way of paying.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GatewayDeclaration {
    /// On the button: `カードで支払う`.
    pub label: Localised,
    /// Whether it gives back by itself what was paid.
    #[serde(default)]
    pub refunds: bool,
    /// Whether members can save a method by which it charges them without their being there.
    #[serde(default)]
    pub saved_methods: bool,
}

/// What a grant of `members-read` can name.
pub const MEMBER_FIELDS: [&str; 6] = ["display-name", "type", "status", "tier", "labels", "joined-on"];

/// A field of members' records that the host keeps, shows and lets people change, for a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddedField {
    /// What it can hold. With a default it always holds something.
    pub value: Parameter,
    #[serde(default)]
    pub shown_to: ShownTo,
    #[serde(default)]
    pub changed_by: ChangedBy,
}

impl AddedField {
    /// What it holds where `stored` was kept: that, as far as the declaration still permits it, or the default.
    pub fn held(&self, stored: Option<serde_json::Value>) -> Option<serde_json::Value> {
        stored.filter(|value| self.value.check(value).is_ok()).or_else(|| self.value.default.clone())
    }
}

/// Who sees it besides the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShownTo {
    /// Those who may see members.
    #[default]
    Staff,
    /// And the member, on their own page.
    Member,
}

/// Who changes it besides the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangedBy {
    #[default]
    Plugin,
    Staff,
    /// And staff.
    Member,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterfaceRequest {
    /// Such as `store`.
    pub interface: String,
    /// In plain words, shown when the plugin is enabled.
    pub why: Localised,
    /// The plugin works without it, in part: staff may leave it out.
    #[serde(default)]
    pub optional: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffPermission {
    pub name: String,
    pub label: Localised,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    #[serde(default)]
    pub indexes: BTreeMap<String, Index>,
    /// Whose data a document is, and what becomes of it when that member is erased.
    #[serde(default)]
    pub member: Option<MemberLink>,
}

/// A document stands in an index under the values of `fields`, in this order. Where one of them is absent from the
/// document, it is not in the index.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    pub fields: Vec<String>,
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub fold: Option<Fold>,
}

/// How strings of an index are made alike before they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// NFKC, lower case, and katakana as hiragana.
    Kana,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MemberLink {
    /// The field that holds the member's id.
    pub field: String,
    pub on_erase: OnErase,
    /// For `anonymise`: the fields that are emptied, besides `field`.
    #[serde(default)]
    pub anonymise: Vec<String>,
    /// Fields that hold ids of files (one, or a list), which go with the member: they are deleted, and written out with what
    /// is kept about somebody.
    #[serde(default)]
    pub files: Vec<String>,
}

impl MemberLink {
    /// The files that a document names.
    pub fn files_of(&self, body: &serde_json::Map<String, serde_json::Value>) -> Vec<FileId> {
        let named = self.files.iter().filter_map(|field| body.get(field));
        let ids = named.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
        ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnErase {
    Delete,
    Anonymise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// For visitors, under `/p/<plugin id>/`.
    Site,
    /// For staff, under `/admin/p/<plugin id>/`.
    Admin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// A query call.
    Get,
    /// A command call.
    Post,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub name: String,
    pub method: Method,
    /// Begins with `/`; a part in braces, `/threads/{thread}`, is a parameter and matches one segment.
    pub path: String,
    pub area: Area,
    /// Who may come here at all; the plugin may ask more. Admin routes are always for staff.
    #[serde(default)]
    pub gate: Gate,
    /// For admin routes: the staff permission of this plugin that it takes.
    #[serde(default)]
    pub permission: Option<String>,
    /// Files that its form may send.
    #[serde(default)]
    pub uploads: Option<Uploads>,
}

/// Which files a route takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uploads {
    /// The form's fields that may hold some.
    pub fields: Vec<String>,
    /// Of one form, all fields together.
    #[serde(default = "Uploads::most")]
    pub most: usize,
    /// For each file.
    #[serde(default = "Uploads::megabytes")]
    pub megabytes: u64,
    /// By their content.
    #[serde(default = "Uploads::kinds")]
    pub kinds: BTreeSet<UploadKind>,
    /// Who may get them; else whoever may come to the route.
    #[serde(default)]
    pub gate: Option<Gate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadKind {
    /// PNG, JPEG, GIF or WebP.
    Picture,
    Pdf,
}

impl Uploads {
    /// Of one form, and of the megabytes of a file.
    pub const MOST: usize = 10;
    pub const MOST_MEGABYTES: u64 = 100;

    fn most() -> usize {
        1
    }

    fn megabytes() -> u64 {
        10
    }

    fn kinds() -> BTreeSet<UploadKind> {
        [UploadKind::Picture, UploadKind::Pdf].into()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockDeclaration {
    pub name: String,
    pub label: Localised,
    /// By name; what the directive in a page may give.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
}

/// A question about members that has yes or no for an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDeclaration {
    pub name: String,
    /// As the continuation of 'members who': 'have posted on the board'.
    pub label: Localised,
    /// By name; what staff choose where they use it.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuEntry {
    pub area: Area,
    pub label: Localised,
    /// A path of the plugin in that area, such as `/`.
    pub path: String,
}

/// A block, with its default parameters, in a place of the host's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub place: CardPlace,
    pub block: String,
    /// On the dashboard: the staff permission of this plugin that it takes.
    #[serde(default)]
    pub permission: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardPlace {
    /// Where staff arrive.
    Dashboard,
    /// A member's own page.
    MyPage,
}

impl Route {
    /// The parameters of `path` (which begins with `/`, percent-decoded, no empty segments), if this route matches it.
    pub fn parameters(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        let mut wanted = self.path.split('/');
        let mut given = path.split('/');
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(found),
                (Some(want), Some(have)) => match want.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) if !have.is_empty() => found.push((name.to_owned(), have.to_owned())),
                    _ if want == have => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}

impl Manifest {
    /// The route for a request, with its parameters. Literal paths win over patterns.
    pub fn route(&self, area: Area, method: Method, path: &str) -> Option<(&Route, Vec<(String, String)>)> {
        let candidates = self.routes.iter().filter(|route| route.area == area && route.method == method);
        candidates
            .filter_map(|route| route.parameters(path).map(|parameters| (route, parameters)))
            .min_by_key(|(_, parameters)| parameters.len())
    }

    pub fn block(&self, name: &str) -> Option<&BlockDeclaration> {
        self.blocks.iter().find(|block| block.name == name)
    }

    pub fn rule(&self, name: &str) -> Option<&RuleDeclaration> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    pub fn job(&self, name: &str) -> Option<&JobDeclaration> {
        self.jobs.iter().find(|job| job.name == name)
    }

    /// Whether a topic is one of this plugin's.
    pub fn owns(&self, topic: &str) -> bool {
        topic.split_once('.').is_some_and(|(plugin, _)| plugin == self.id)
    }

    /// Whether it wants to be told of a topic, and has been allowed to hear of it.
    pub fn hears(&self, topic: &str, granted: &BTreeSet<String>) -> bool {
        let subscribed = self.subscriptions.iter().any(|subscription| subscription.topic == topic);
        subscribed && (self.owns(topic) || granted.contains(&crate::background::permission_of(topic)))
    }

    /// Where whoever answered a form under this key is led. `key`: one part of a path.
    pub fn after_answering(&self, key: &str) -> Option<String> {
        let back = &self.forms.as_ref()?.back;
        let route = self.routes.iter().find(|route| route.name == *back)?;
        let part = |part| if str::starts_with(part, '{') { key } else { part };
        let path = route.path.split('/').map(part).collect::<Vec<_>>().join("/");
        Some(crate::calls::plugin_path(Area::Site, &self.id, &path))
    }

    pub fn index(&self, collection: &str, index: &str) -> Option<&Index> {
        self.collections.get(collection)?.indexes.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(name: &str, path: &str) -> Route {
        Route {
            name: name.into(),
            method: Method::Get,
            path: path.into(),
            area: Area::Site,
            gate: Gate::Everyone,
            permission: None,
            uploads: None,
        }
    }

    fn manifest(routes: Vec<Route>) -> Manifest {
        Manifest {
            id: "fan-board".into(),
            version: "0.1.0".into(),
            contract: "0.1".into(),
            name: Localised::default(),
            description: Localised::default(),
            permissions: vec![],
            member_fields: vec![],
            staff_permissions: vec![],
            collections: BTreeMap::new(),
            routes,
            added_fields: BTreeMap::new(),
            blocks: vec![],
            rules: vec![],
            menu: vec![],
            cards: vec![],
            settings: BTreeMap::new(),
            hosts: vec![],
            secrets: vec![],
            webhooks: vec![],
            topics: vec![],
            subscriptions: vec![],
            jobs: vec![],
            mails: vec![],
            gateway: None,
            forms: None,
        }
    }

    #[test]
    fn a_literal_path_wins_over_a_pattern() {
        let manifest = manifest(vec![route("thread", "/threads/{thread}"), route("new", "/threads/new"), route("home", "/")]);
        let name = |path| manifest.route(Area::Site, Method::Get, path).map(|(route, _)| route.name.as_str());
        assert_eq!(name("/threads/new"), Some("new"));
        assert_eq!(name("/threads/x"), Some("thread"));
        assert_eq!(name("/"), Some("home"));
        assert_eq!(name("/threads/"), None);
        assert_eq!(name("/threads/x/y"), None);
        assert!(manifest.route(Area::Admin, Method::Get, "/").is_none());
        assert!(manifest.route(Area::Site, Method::Post, "/").is_none());
    }
}
