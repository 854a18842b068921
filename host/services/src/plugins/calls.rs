//! Calling plugins for a visit: the route table gates a page, a GET is a query, a POST is a command; a block that
//! fails costs itself and nothing around it.

use super::{LoadedPlugin, Went};
use crate::files::{Received, UploadsWrong, most_megabytes};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, Failure, Installation, PageRequest, Rendering, Reply};
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::manifest::{Area, Method, Route, plugin_requests};
use tsudoi_kernel::{OrganisationId, Permission, Visitor};
use tsudoi_store::PluginFailure;

/// A visit to the plugin that a path names.
pub struct PluginVisit {
    pub installation: Arc<Installation>,
    pub loaded: Arc<LoadedPlugin>,
    pub request_id: Arc<str>,
}

/// A request to one of a plugin's paths, as HTTP brought it.
#[derive(Debug, Clone)]
pub struct PluginPage {
    pub area: Area,
    pub method: Method,
    /// Below the plugin's own prefix: begins with `/`, percent-decoded.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
    /// The nonce that the form was rendered with.
    pub nonce: String,
    /// Files that came with the form; only a route that takes some has any.
    pub uploads: Vec<Arc<Received>>,
}

impl PluginPage {
    pub fn get(area: Area, path: String, query: Vec<(String, String)>) -> Self {
        Self { area, method: Method::Get, path, query, form: Vec::new(), nonce: String::new(), uploads: Vec::new() }
    }
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginAnswer {
    /// `form` goes into the template's data, where one was sent: what was typed and what was wrong with it.
    Page {
        status: u16,
        rendering: Rendering,
        form: Option<Value>,
        /// Names the answer where it is one that is kept.
        kept: Option<u64>,
    },
    /// A path of this site.
    Redirect(String),
    Json(Value),
    Download {
        name: String,
        media_type: String,
        bytes: Vec<u8>,
    },
    /// One that the plugin keeps, and the visitor may have.
    File(Box<StoredFile>),
    /// The visitor has to sign in first.
    SignIn,
    Forbidden,
    NotFound,
    /// 409, with what the plugin says to the person.
    Conflict(String),
    /// 422 without a form to show again: what was wrong, in the visitor's language.
    Invalid(Vec<String>),
    /// 503
    Busy,
    /// 503: it kept failing, and rests for a while.
    Paused,
    /// 500; the cause is in the log and among the organisation's plugin failures.
    Failed,
}

/// Which files a form may bring: none, unless the route says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UploadRules {
    pub fields: Vec<String>,
    pub most: usize,
    /// Of each.
    pub most_bytes: u64,
}

/// A block of a page.
#[derive(Debug)]
pub enum BlockOutcome {
    Rendered(Box<ShownBlock>),
    /// Why there is nothing to show: for staff, in the visitor's language.
    Absent {
        plugin: String,
        name: String,
        reason: String,
        /// The parameter that is not right, where it is for one.
        parameter: String,
    },
}

/// Others were faster for long, or what the visit began with has changed since.
const BUSY: &str = "block-busy";

impl BlockOutcome {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Absent { reason, .. } if reason == BUSY)
    }
}

/// What a block answered, with what it took to get it.
#[derive(Debug)]
pub struct ShownBlock {
    pub loaded: Arc<LoadedPlugin>,
    pub name: String,
    pub answered: Answered<Rendering>,
    /// From asking for it to having it.
    pub took: Duration,
}

impl std::fmt::Debug for LoadedPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LoadedPlugin({} {})", self.manifest.id, self.manifest.version)
    }
}

impl Services {
    /// The plugin where it is enabled in this organisation.
    pub async fn visit_plugin(&self, visit: &Visit, plugin: &str, request_id: Arc<str>) -> Result<Option<PluginVisit>, ServiceError> {
        let installations = self.installations(visit).await?;
        let found = installations.iter().find(|(installation, _)| installation.manifest.id == plugin);
        let Some((installation, _)) = found.filter(|(installation, _)| self.is_on(installation)) else { return Ok(None) };
        let loaded = self.loaded_plugin(&installation.package_hash).await?;
        Ok(Some(PluginVisit { installation: installation.clone(), loaded, request_id }))
    }

    /// Which files a form to this path may bring, from this visitor; asked before anything of it is read.
    pub fn uploads_of(&self, visit: &Visit, plugin: &PluginVisit, area: Area, path: &str) -> Result<UploadRules, Box<PluginAnswer>> {
        let manifest = &plugin.installation.manifest;
        let Some((route, _)) = manifest.route(area, Method::Post, path) else { return Err(Box::new(PluginAnswer::NotFound)) };
        if let Some(denied) = self.denied(visit, &manifest.id, route) {
            return Err(Box::new(denied));
        }
        let granted = plugin.installation.may_use(&self.settings().policy, "files");
        let Some(uploads) = route.uploads.as_ref().filter(|_| granted) else { return Ok(UploadRules::default()) };
        let most_bytes = most_megabytes(uploads, self.settings().upload_limit) << 20;
        Ok(UploadRules { fields: uploads.fields.clone(), most: uploads.most, most_bytes })
    }

    /// One of the plugin's pages, or what a form of it leads to. A visit that another process's change overtook begins anew.
    pub async fn plugin_page(&self, visit: &Visit, plugin: &PluginVisit, page: PluginPage) -> Result<PluginAnswer, ServiceError> {
        let answer = self.plugin_page_once(visit, plugin, page.clone()).await?;
        if answer != PluginAnswer::Busy {
            return Ok(answer);
        }
        let Some(newer) = self.newer(visit).await? else { return Ok(answer) };
        match self.visit_plugin(&newer, &plugin.installation.manifest.id, plugin.request_id.clone()).await? {
            Some(plugin) => self.plugin_page_once(&newer, &plugin, page).await,
            None => Ok(PluginAnswer::NotFound),
        }
    }

    async fn plugin_page_once(&self, visit: &Visit, plugin: &PluginVisit, page: PluginPage) -> Result<PluginAnswer, ServiceError> {
        let manifest = &plugin.installation.manifest;
        let Some((route, parameters)) = manifest.route(page.area, page.method, &page.path) else { return Ok(PluginAnswer::NotFound) };
        if let Some(denied) = self.denied(visit, &manifest.id, route) {
            return Ok(denied);
        }
        if plugin.installation.paused_until(self.now()).is_some() {
            return Ok(PluginAnswer::Paused);
        }
        let waiting = match self.keep_uploads(visit, route, &page.uploads).await? {
            Ok(waiting) => waiting,
            Err(UploadsWrong(wrong, megabytes)) => {
                let text = |key| self.host_text(visit, key, &json!({ "limit": megabytes }));
                let errors = wrong.into_iter().map(|(field, key)| (field, text(key))).collect();
                return self.form_again(visit, plugin, page, errors).await;
            }
        };
        let request = PageRequest {
            route: route.name.clone(),
            parameters,
            query: page.query.clone(),
            form: form_fields(&page),
            uploads: waiting.uploads.clone(),
            body: None,
        };
        let context = self.call_context(visit, &plugin.installation, &plugin.request_id);
        let place = format!("route {}", route.name);
        let outcome = match page.method {
            Method::Get => self.parts.calls.view(context, request).await,
            Method::Post => self.parts.calls.submit(context, call_id(visit, &page), request).await,
        };
        self.settle_uploads(visit.organisation.id, &plugin.installation, waiting, &outcome).await;
        if is_sound(&outcome) {
            self.note_success(&plugin.installation);
        }
        match outcome {
            Ok(answered) => self.reply(visit, plugin, page.area, answered).await,
            Err(CallError::Declined(Failure::Invalid(errors))) => {
                let mut errors: Vec<(String, String)> =
                    errors.into_iter().map(|error| (error.field, self.plugin_text(visit, plugin, &error.message))).collect();
                // What was typed goes back into the form; files can't.
                for upload in &page.uploads {
                    if !errors.iter().any(|(field, _)| *field == upload.field) {
                        errors.push((upload.field.clone(), self.host_text(visit, "files-choose-again", &json!({}))));
                    }
                }
                self.form_again(visit, plugin, page, errors).await
            }
            Err(error) => self.declined(visit, plugin, &place, error).await,
        }
    }

    /// Blocks of one page, side by side. None of them can hold the page up for long: a call's own limits see to that.
    pub async fn blocks(
        &self,
        visit: &Visit,
        request_id: &Arc<str>,
        wanted: Vec<(String, String, Map<String, Value>)>,
    ) -> Result<Vec<BlockOutcome>, ServiceError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let outcomes = self.blocks_once(visit, request_id, wanted.clone()).await?;
        if !outcomes.iter().any(BlockOutcome::is_busy) {
            return Ok(outcomes);
        }
        match self.newer(visit).await? {
            Some(newer) => self.blocks_once(&newer, request_id, wanted).await,
            None => Ok(outcomes),
        }
    }

    async fn blocks_once(
        &self,
        visit: &Visit,
        request_id: &Arc<str>,
        wanted: Vec<(String, String, Map<String, Value>)>,
    ) -> Result<Vec<BlockOutcome>, ServiceError> {
        let installations = self.installations(visit).await?;
        let calls = wanted.into_iter().map(|(plugin, name, parameters)| {
            let found = installations.iter().find(|(installation, _)| self.is_on(installation) && installation.manifest.id == plugin);
            let found = found.map(|(installation, _)| installation.clone());
            self.block(visit, request_id, found, plugin, name, parameters)
        });
        futures::future::try_join_all(calls).await
    }

    async fn block(
        &self,
        visit: &Visit,
        request_id: &Arc<str>,
        installation: Option<Arc<Installation>>,
        plugin: String,
        name: String,
        given: Map<String, Value>,
    ) -> Result<BlockOutcome, ServiceError> {
        let absent_for =
            |reason: String, parameter: String| BlockOutcome::Absent { plugin: plugin.clone(), name: name.clone(), reason, parameter };
        let absent = |reason: String| absent_for(reason, String::new());
        let Some(installation) = installation else { return Ok(absent("block-plugin-off".into())) };
        if installation.paused_until(self.now()).is_some() {
            return Ok(absent("block-paused".into()));
        }
        let Some(declaration) = installation.manifest.block(&name) else { return Ok(absent("block-unknown".into())) };
        let parameters = match plugin_requests::complete_parameters(&declaration.parameters, given) {
            Ok(parameters) => parameters,
            Err(wrong) => return Ok(absent_for("block-parameters".into(), wrong.0)),
        };
        // A package that cannot be opened costs its own block, like a call that fails.
        let loaded = match self.loaded_plugin(&installation.package_hash).await {
            Ok(loaded) => loaded,
            Err(error @ ServiceError::Unavailable(_)) => return Err(error),
            Err(error) => {
                self.note_failure(visit, &plugin, &format!("block {name}"), request_id, &error.to_string()).await?;
                return Ok(absent("block-failed".into()));
            }
        };
        let context = self.call_context(visit, &installation, request_id);
        let asked = stopwatch();
        let outcome = self.parts.calls.block(context, name.clone(), Value::Object(parameters)).await;
        if is_sound(&outcome) {
            self.note_success(&installation);
        }
        match outcome {
            Ok(answered) => Ok(BlockOutcome::Rendered(Box::new(ShownBlock { loaded, name, answered, took: asked.elapsed() }))),
            Err(CallError::Unavailable(cause)) => Err(ServiceError::Unavailable(cause)),
            Err(CallError::Declined(Failure::NotFound | Failure::Forbidden)) => Ok(absent("block-nothing".into())),
            // Others were faster for long: no fault of the plugin's.
            Err(CallError::Busy) => Ok(absent(BUSY.into())),
            Err(error) => {
                self.note_failure(visit, &plugin, &format!("block {name}"), request_id, &error.to_string()).await?;
                Ok(absent("block-failed".into()))
            }
        }
    }

    /// A template of the plugin's that does not render what it answered: noted, and counted, like a call that fails.
    pub async fn note_template_failure(
        &self,
        visit: &Visit,
        plugin: &str,
        template: &str,
        request_id: &str,
        detail: &str,
    ) -> Result<(), ServiceError> {
        self.note(visit, plugin, &format!("template {template}"), request_id, detail, Went::WrongAfterAll).await
    }

    /// For staff, and in the log: what went wrong in a plugin, with the request's id.
    pub(crate) async fn note_failure(
        &self,
        visit: &Visit,
        plugin: &str,
        place: &str,
        request_id: &str,
        detail: &str,
    ) -> Result<(), ServiceError> {
        self.note(visit, plugin, place, request_id, detail, Went::Wrong).await
    }

    async fn note(&self, visit: &Visit, plugin: &str, place: &str, request_id: &str, detail: &str, went: Went) -> Result<(), ServiceError> {
        self.record_failure(visit.organisation.id, plugin, place, request_id, detail).await?;
        let installations = self.installations(visit).await?;
        match installations.iter().find(|(installation, _)| installation.manifest.id == plugin) {
            Some((installation, _)) => self.count_failure(visit.organisation.id, installation, went).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn record_failure(
        &self,
        organisation: OrganisationId,
        plugin: &str,
        place: &str,
        request_id: &str,
        detail: &str,
    ) -> Result<(), ServiceError> {
        tracing::warn!(%organisation, plugin, place, request_id, detail, "a plugin failed");
        let failure = PluginFailure {
            plugin: plugin.to_owned(),
            place: place.to_owned(),
            request_id: request_id.to_owned(),
            detail: detail.chars().take(2000).collect(),
            at: self.now(),
        };
        Ok(self.store().organisation(organisation).record_plugin_failure(self.fresh_id(), &failure).await?)
    }

    pub(crate) fn call_context(&self, visit: &Visit, installation: &Arc<Installation>, request_id: &Arc<str>) -> CallContext {
        CallContext {
            organisation: visit.organisation.clone(),
            installation: installation.clone(),
            visitor: visit.visitor.clone(),
            locale: visit.locale,
            number: visit.number,
            request_id: request_id.to_string(),
        }
    }

    /// `None` where the visitor may use the route.
    fn denied(&self, visit: &Visit, plugin: &str, route: &Route) -> Option<PluginAnswer> {
        let admitted = admits(&visit.visitor, plugin, route);
        match (admitted, visit.session.is_some() || visit.see_as.is_some()) {
            (true, _) => None,
            (false, true) => Some(PluginAnswer::Forbidden),
            (false, false) => Some(PluginAnswer::SignIn),
        }
    }

    async fn reply(
        &self,
        visit: &Visit,
        plugin: &PluginVisit,
        area: Area,
        answered: Answered<Reply>,
    ) -> Result<PluginAnswer, ServiceError> {
        Ok(match answered.value {
            Reply::View(rendering) => PluginAnswer::Page { status: 200, rendering, form: None, kept: answered.kept },
            Reply::Redirect(target) => match plugin_requests::redirect_path(area, &plugin.installation.manifest.id, &target) {
                Some(path) => PluginAnswer::Redirect(path),
                None => PluginAnswer::Failed,
            },
            Reply::Json(value) => PluginAnswer::Json(value),
            Reply::Download { name, media_type, bytes } => PluginAnswer::Download { name, media_type, bytes },
            Reply::StoredFile(id) => match self.plugin_file(visit, &plugin.installation, id).await? {
                Some(file) => PluginAnswer::File(Box::new(file)),
                None => PluginAnswer::NotFound,
            },
        })
    }

    /// The page that the form was on, with what was typed and a message beside each wrong field. The form says where
    /// it was by the hidden field `_form`: a path of this plugin.
    async fn form_again(
        &self,
        visit: &Visit,
        plugin: &PluginVisit,
        page: PluginPage,
        errors: Vec<(String, String)>,
    ) -> Result<PluginAnswer, ServiceError> {
        let values = || page.form.iter().filter(|(name, _)| !name.starts_with('_')).cloned();
        let form = json!({
            "values": values().map(|(name, value)| (name, Value::String(value))).collect::<Map<_, _>>(),
            "errors": errors.iter().map(|(name, message)| (name.clone(), Value::String(message.clone()))).collect::<Map<_, _>>(),
        });
        let messages = || errors.iter().map(|(_, message)| message.clone()).collect();
        let manifest = &plugin.installation.manifest;
        let shown_on = page.form.iter().find(|(name, _)| name == "_form").map_or("", |(_, value)| value.as_str());
        let Some((path, query)) = plugin_requests::own_path(page.area, &manifest.id, shown_on) else {
            return Ok(PluginAnswer::Invalid(messages()));
        };
        let Some((route, parameters)) = manifest.route(page.area, Method::Get, &path) else { return Ok(PluginAnswer::Invalid(messages())) };
        if let Some(denied) = self.denied(visit, &manifest.id, route) {
            return Ok(denied);
        }
        let request = PageRequest { route: route.name.clone(), parameters, query, ..PageRequest::default() };
        let context = self.call_context(visit, &plugin.installation, &plugin.request_id);
        match self.parts.calls.view(context, request).await {
            Ok(Answered { value: Reply::View(rendering), .. }) => {
                Ok(PluginAnswer::Page { status: 422, rendering, form: Some(form), kept: None })
            }
            Ok(_) => Ok(PluginAnswer::Invalid(messages())),
            Err(error) => self.declined(visit, plugin, &format!("route {}", route.name), error).await,
        }
    }

    pub(crate) async fn declined(
        &self,
        visit: &Visit,
        plugin: &PluginVisit,
        place: &str,
        error: CallError,
    ) -> Result<PluginAnswer, ServiceError> {
        match error {
            CallError::Declined(Failure::NotFound) => Ok(PluginAnswer::NotFound),
            CallError::Declined(Failure::Forbidden) if visit.session.is_none() && visit.see_as.is_none() => Ok(PluginAnswer::SignIn),
            CallError::Declined(Failure::Forbidden) => Ok(PluginAnswer::Forbidden),
            CallError::Declined(Failure::Conflict(message)) => Ok(PluginAnswer::Conflict(self.plugin_text(visit, plugin, &message))),
            CallError::Declined(Failure::Unavailable(_)) | CallError::Busy => Ok(PluginAnswer::Busy),
            CallError::Unavailable(cause) => Err(ServiceError::Unavailable(cause)),
            other => {
                let id = plugin.installation.manifest.id.clone();
                self.note_failure(visit, &id, place, &plugin.request_id, &other.to_string()).await?;
                Ok(PluginAnswer::Failed)
            }
        }
    }

    fn host_text(&self, visit: &Visit, key: &str, arguments: &Value) -> String {
        self.parts.texts.message(visit.locale, key, arguments).unwrap_or_else(|| key.to_owned())
    }

    /// A message key of the plugin's own files, or plain text. What the guest library says of a field by itself has words of the
    /// host's, where the plugin has none.
    fn plugin_text(&self, visit: &Visit, plugin: &PluginVisit, text: &str) -> String {
        let words = self.parts.shelf.translate(&plugin.loaded.hash, visit.locale, text, &json!({}));
        match (words == text, text.rsplit_once('-')) {
            (true, Some((_, "missing"))) => self.host_text(visit, "error-required", &json!({})),
            (true, Some((_, "malformed"))) => self.host_text(visit, "error-malformed", &json!({})),
            _ => words,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures what a block costs, and nothing is decided by it")]
fn stopwatch() -> Instant {
    Instant::now()
}

/// Whether the plugin is to blame.
pub(crate) fn is_fault(error: &CallError) -> bool {
    match error {
        CallError::Trapped(_) | CallError::TimedOut | CallError::NotLoadable(_) | CallError::Declined(Failure::Other { .. }) => true,
        CallError::Declined(_) | CallError::Busy | CallError::Unavailable(_) => false,
    }
}

/// It answered, or declined in words that the contract has for it.
pub(crate) fn is_sound<T>(outcome: &Result<T, CallError>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(error) => !is_fault(error) && !matches!(error, CallError::Busy | CallError::Unavailable(_)),
    }
}

/// The one place where a plugin's route table is asked: the gate on the site, the staff permission in the admin.
pub(super) fn admits(visitor: &Visitor, plugin: &str, route: &Route) -> bool {
    match (route.area, &route.permission) {
        (Area::Site, _) => route.gate.admits(visitor),
        (Area::Admin, Some(permission)) => visitor.may(Permission::of_plugin(plugin, permission).as_str()),
        (Area::Admin, None) => visitor.is_staff(),
    }
}

/// What the plugin gets of the form: without the host's own fields.
fn form_fields(page: &PluginPage) -> Vec<(String, String)> {
    page.form.iter().filter(|(name, _)| !name.starts_with('_')).cloned().collect()
}

/// The same form sent twice is the same call; the form with other contents, or from a page loaded anew, is another.
fn call_id(visit: &Visit, page: &PluginPage) -> CallId {
    let session = visit.session.as_ref().map(|session| session.id.to_string()).unwrap_or_default();
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    };
    [session.as_str(), &page.nonce, &page.path].into_iter().for_each(&mut add);
    for (name, value) in form_fields(page) {
        add(&name);
        add(&value);
    }
    for file in &page.uploads {
        [file.field.as_str(), &file.name, &file.sha256].into_iter().for_each(&mut add);
    }
    CallId(format!("form:{}", hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}
