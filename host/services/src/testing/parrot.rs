//! Plugins without code: each shows one template that names the route, and answers every form by leading to `thanks`.

use super::TestServices;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, PageRequest, Rendering, Reply};
use tsudoi_kernel::ports::{Boxed, InspectedPackage, PackageRefused, PluginCalls, PluginPackages};

const TEMPLATE: &str = r#"<p>{{ route }}</p><form method="post" action="{{ plugin.base }}/write"><button>送る</button></form>"#;

/// Stands in for the runtime.
pub struct Parrot;

fn answered<T: Send + 'static>(value: T) -> Boxed<'static, Result<Answered<T>, CallError>> {
    Box::pin(async { Ok(Answered { value, number: 0, reads: Arc::default(), until: None, reruns: 0, host_calls: 0 }) })
}

fn page(route: &str) -> Rendering {
    Rendering { template: "page.html".into(), data: json!({ "route": route }), title: None }
}

fn refused<T>() -> Result<T, PackageRefused> {
    Err(PackageRefused { place: "test".into(), reason: "no package is opened in this test".into() })
}

impl PluginCalls for Parrot {
    fn view(&self, _: CallContext, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        answered(Reply::View(page(&request.route)))
    }
    fn submit(&self, _: CallContext, _: CallId, _: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        answered(Reply::Redirect("thanks".into()))
    }
    fn block(&self, _: CallContext, name: String, _: Value) -> Boxed<'_, Result<Answered<Rendering>, CallError>> {
        answered(page(&name))
    }
}

impl PluginPackages for Parrot {
    fn inspect(&self, _: &[u8]) -> Result<InspectedPackage, PackageRefused> {
        refused()
    }
    fn prepare(&self, _: String, _: Vec<u8>) -> Boxed<'_, Result<(), PackageRefused>> {
        Box::pin(async { refused() })
    }
}

impl TestServices {
    /// A plugin with these routes (as in a manifest), enabled in `club`.
    pub async fn parrot(&self, id: &str, routes: Value) {
        let name = json!({ "ja": "オウム", "en": "Parrot" });
        let manifest = json!({ "id": id, "version": "1.0.0", "contract": "0.1", "name": name, "routes": routes });
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        let package = InspectedPackage {
            manifest: serde_json::from_value(manifest).expect("a manifest"),
            hash: Sha256::digest(id).iter().map(|byte| format!("{byte:02x}")).collect(),
            size: 0,
            imports: Vec::new(),
            exports: Vec::new(),
            files: BTreeMap::from([file("templates/page.html", TEMPLATE), file("locales/ja.ftl", ""), file("locales/en.ftl", "")]),
        };
        self.services.parts.shelf.open(&package).expect("the template parses");
        let store = self.services.store();
        store.add_package_all_organisations(&package.hash, &package.manifest, b"", self.services.now()).await.expect("a new package");
        let organisation = store.organisation(self.organisation.id);
        self.services.enable_plugin(&organisation, id, &BTreeSet::new()).await.expect("the plugin is enabled");
    }
}
