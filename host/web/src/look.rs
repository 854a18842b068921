//! How pages look: an organisation's theme for its site, the host's own templates for the admin, and the values that
//! every template is given.

use crate::framed::{Framed, FramedPages};
use crate::pages::{Rendered, WholePages};
use crate::plugins::RenderedAnswers;
use crate::visiting::Visiting;
use crate::{Problem, Web};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use tsudoi_kernel::Locale;
use tsudoi_render::locales::Catalogue;
use tsudoi_render::templates::Templates;
use tsudoi_render::themes::{Theme, ThemeError};
use tsudoi_services::site::MenuItem;
use tsudoi_services::visits::SeeAs;

/// Themes by id, and the host's own templates, texts and assets.
pub struct Look {
    themes: RwLock<BTreeMap<String, Arc<Theme>>>,
    /// In development: the folder of themes, read again when a file changes, and what is wrong with one.
    watched: Option<PathBuf>,
    faults: RwLock<BTreeMap<String, ThemeError>>,
    host: Templates,
    catalogue: Arc<Catalogue>,
    rendered: Rendered,
    rendered_answers: RenderedAnswers,
    framed_pages: FramedPages,
    whole_pages: WholePages,
}

/// The theme that is used where the chosen one is missing.
pub const DEFAULT_THEME: &str = "commons";

impl Look {
    pub fn new(themes: Vec<Theme>, watched: Option<PathBuf>, host: Templates, catalogue: Arc<Catalogue>) -> Self {
        let themes = themes.into_iter().map(|theme| (theme.id().to_owned(), Arc::new(theme))).collect();
        Self {
            themes: RwLock::new(themes),
            watched,
            faults: RwLock::default(),
            host,
            catalogue,
            rendered: Rendered::default(),
            rendered_answers: RenderedAnswers::default(),
            framed_pages: FramedPages::default(),
            whole_pages: WholePages::default(),
        }
    }

    /// The theme with this id, else the default one. `None` where the process has no theme at all.
    pub fn theme(&self, id: &str) -> Option<Arc<Theme>> {
        let themes = self.themes.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        themes.get(id).or_else(|| themes.get(DEFAULT_THEME)).cloned()
    }

    pub fn themes(&self) -> Vec<Arc<Theme>> {
        self.themes.read().unwrap_or_else(std::sync::PoisonError::into_inner).values().cloned().collect()
    }

    /// Where themes are read again from on change.
    pub fn watched(&self) -> Option<&PathBuf> {
        self.watched.as_ref()
    }

    /// Takes a theme that was read again, or what is wrong with it; the last good one stays in use.
    pub fn replace(&self, id: &str, theme: Result<Theme, ThemeError>) {
        let mut faults = self.faults.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        match theme {
            Ok(theme) => {
                faults.remove(id);
                self.themes.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id.to_owned(), Arc::new(theme));
            }
            Err(fault) => {
                faults.insert(id.to_owned(), fault);
            }
        }
    }

    /// What is wrong with a watched theme: shown instead of the page while someone works on it.
    pub fn fault(&self, id: &str) -> Option<String> {
        self.faults.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(id).map(ToString::to_string)
    }

    /// Texts of pages as HTML, kept.
    pub(crate) fn rendered(&self) -> &Rendered {
        &self.rendered
    }

    /// What plugins answered as HTML, kept.
    pub(crate) fn rendered_answers(&self) -> &RenderedAnswers {
        &self.rendered_answers
    }

    /// Pages as they were rendered, kept.
    pub(crate) fn framed_pages(&self) -> &FramedPages {
        &self.framed_pages
    }

    /// Pages for those who are not signed in, kept.
    pub(crate) fn whole_pages(&self) -> &WholePages {
        &self.whole_pages
    }

    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// A text of the host. A missing key shows itself, which a test would see.
    pub fn message(&self, locale: Locale, key: &str, args: &Value) -> String {
        self.catalogue.message(locale, key, args).unwrap_or_else(|| key.to_owned())
    }
}

/// A plain answer, without a theme.
pub fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

pub(crate) fn html(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

/// The zone of an organisation; UTC where its name is unknown.
pub fn zone(visiting: &Visiting) -> chrono_tz::Tz {
    visiting.organisation().time_zone.parse().unwrap_or(chrono_tz::UTC)
}

impl Web {
    /// A page of the site in the organisation's theme. `own` are the variables of this template, beside the common ones.
    pub fn site_page(&self, visiting: &Visiting, status: StatusCode, template: &str, own: Value) -> Response {
        match self.framed_site_page(visiting, template, own) {
            Ok(framed) => html(status, self.filled(visiting, &framed)),
            Err(broken) => *broken,
        }
    }

    /// The same, before what is this visitor's alone is filled in; or what tells that it can't be rendered.
    pub(crate) fn framed_site_page(&self, visiting: &Visiting, template: &str, own: Value) -> Result<Framed, Box<Response>> {
        let broken = |text: String| {
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            Box::new((StatusCode::INTERNAL_SERVER_ERROR, plain, text).into_response())
        };
        let theme_id = &visiting.organisation().theme;
        if let Some(fault) = self.look.fault(theme_id) {
            return Err(broken(fault));
        }
        let Some(theme) = self.look.theme(theme_id) else {
            return Err(Box::new(Problem::Broken("this process has no theme".into()).plain(&visiting.request_id)));
        };
        let context = self.site_context(visiting, &theme, own);
        self.framed(visiting, &theme, template, context).map_err(|error| {
            tracing::error!(request_id = &*visiting.request_id, template, %error, "a template failed");
            broken(if self.dev { format!("{error}\n") } else { format!("500\n{}\n", visiting.request_id) })
        })
    }

    /// A page of the admin. `section` is the key of the navigation entry that it belongs to.
    pub fn admin_page(&self, visiting: &Visiting, status: StatusCode, template: &str, section: &str, own: Value) -> Response {
        let context = self.admin_context(visiting, section, own);
        match self.look.host.render(template, visiting.locale(), zone(visiting), &context) {
            Ok(text) => html(status, text),
            Err(error) => {
                tracing::error!(request_id = &*visiting.request_id, template, %error, "a template failed");
                let text = if self.dev { format!("{error}\n") } else { format!("500\n{}\n", visiting.request_id) };
                (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
            }
        }
    }

    /// What theme templates are always given, besides what differs for each visitor ([`Self::framed`] adds it);
    /// docs/themes.md lists it.
    pub fn site_context(&self, visiting: &Visiting, theme: &Theme, own: Value) -> Value {
        let (visit, locale) = (&visiting.visit, visiting.locale());
        let frame = &visit.frame;
        let logo_url = frame.logo.map(|id| format!("/files/{id}/logo")).unwrap_or_default();
        let here = crate::pages::decoded(&visiting.path).unwrap_or_default();
        // A menu keeps its entries for a plugin that is off, for when it comes back; visitors are not led to them.
        let leads_somewhere = |item: &&MenuItem| plugin_of(&item.path).is_none_or(|plugin| visit.enabled_plugins.contains(plugin));
        let current = nearest(frame.menu.iter().chain(&frame.footer_menu), &here);
        let item = |item: &MenuItem| json!({ "label": item.label.get(locale), "url": item.path, "current": current == Some(&item.path) });
        let assets = format!("/theme/{}/{}/", theme.id(), theme.version());
        let revision = visit.frame_revision.map(|id| id.to_string()).unwrap_or_default();
        let stylesheets: Vec<String> =
            theme.stylesheets().iter().map(|path| format!("{assets}{path}")).chain([format!("/site.css?v={revision}")]).collect();
        let scripts: Vec<String> =
            theme.scripts().iter().map(|path| format!("{assets}{path}")).chain([self.host_asset("host.js")]).collect();
        let visitor = visiting.visitor();
        let staff = visit.session.as_ref().is_some_and(|session| session.staff.is_some());
        let mut context = json!({
            "organisation": { "name": frame.name, "slug": visit.organisation.slug, "locale": visit.organisation.locale.tag(), "time_zone": visit.organisation.time_zone },
            "site": { "name": frame.name, "logo_url": logo_url, "logo_alt": frame.logo_alt, "tagline": frame.tagline, "contact_email": frame.contact_email, "contact_url": frame.contact_url() },
            "locale": locale.tag(),
            "languages": self.languages(visiting),
            "menu": frame.menu.iter().filter(leads_somewhere).map(item).collect::<Vec<_>>(),
            "footer_menu": frame.footer_menu.iter().filter(leads_somewhere).map(item).collect::<Vec<_>>(),
            "visitor": { "kind": visitor.kind(), "name": visiting.name().unwrap_or_default(), "is_member": visitor.member.is_some(), "is_staff": visitor.is_staff() },
            "path": &*visiting.path,
            "flash": self.flash(visiting),
            "stylesheets": stylesheets,
            "scripts": scripts,
            "theme_assets": assets,
            "preview": self.preview(visiting),
            "demo_bar": self.demo_bar(visiting),
            "admin_url": if staff && visit.see_as.is_none() { "/admin" } else { "" },
        });
        merge(&mut context, own);
        context
    }

    fn admin_context(&self, visiting: &Visiting, section: &str, own: Value) -> Value {
        let visit = &visiting.visit;
        let staff = visit.session.as_ref().and_then(|session| session.staff.as_ref());
        let mut context = json!({
            "organisation": { "name": visit.frame.name, "slug": visit.organisation.slug, "locale": visit.organisation.locale.tag() },
            "site_url": "/",
            "nav": self.admin_navigation(visiting, section),
            "visitor": { "name": staff.map(|staff| staff.display_name.as_str()).unwrap_or_default() },
            "locale": visiting.locale().tag(),
            "languages": self.languages(visiting),
            "path": &*visiting.path,
            "csrf": visiting.csrf(&self.services, "host"),
            "flash": self.flash(visiting),
            "request_id": &*visiting.request_id,
            "demo_bar": self.demo_bar(visiting),
            "host_assets": self.host_asset(""),
            "site_css": format!("/site.css?v={}", visit.frame_revision.map(|id| id.to_string()).unwrap_or_default()),
        });
        merge(&mut context, own);
        context
    }

    fn languages(&self, visiting: &Visiting) -> Vec<Value> {
        let current = visiting.locale();
        let name = |locale| if locale == Locale::Ja { "日本語" } else { "English" };
        Locale::ALL
            .iter()
            .map(|locale| json!({ "tag": locale.tag(), "name": name(*locale), "url": &*visiting.target, "current": *locale == current }))
            .collect()
    }

    fn flash(&self, visiting: &Visiting) -> Value {
        // Only our own messages: the cookie can be set by anyone who holds the browser.
        let Some(key) = visiting.flash.as_deref().filter(|key| key.starts_with("flash-")) else { return Value::Null };
        let Some(text) = self.look.catalogue.message(visiting.locale(), key, &json!({})) else { return Value::Null };
        let kind = if key.starts_with("flash-warning-") { "warning" } else { "ok" };
        json!({ "kind": kind, "text": text })
    }

    fn preview(&self, visiting: &Visiting) -> Value {
        let locale = visiting.locale();
        let Some(see_as) = &visiting.visit.see_as else { return Value::Null };
        let key = match see_as {
            SeeAs::Visitor => "preview-as-visitor",
            SeeAs::Tier { .. } | SeeAs::Segment { .. } => "preview-as-tier",
            SeeAs::Member { .. } => "preview-as-member",
        };
        // An invented member of a tier or a segment is called after it.
        let name = visiting.visitor().member.as_ref().map(|member| member.display_name.clone()).unwrap_or_default();
        json!({ "text": self.look.message(locale, key, &json!({ "name": name })), "exit_url": "/admin/see-as/end" })
    }
}

/// The plugin whose page a path of the site names.
fn plugin_of(path: &str) -> Option<&str> {
    path.strip_prefix("/p/")?.split(['/', '?', '#']).next()
}

/// Puts `own` over `context`, key by key.
fn merge(context: &mut Value, own: Value) {
    if let (Value::Object(context), Value::Object(own)) = (context, own) {
        let own: Map<String, Value> = own;
        context.extend(own);
    }
}

/// The address of the menu's entry that a page is at or, nearest, below: a thread is below its board.
fn nearest<'a>(menu: impl Iterator<Item = &'a MenuItem>, here: &str) -> Option<&'a String> {
    let leads_here = |path: &str| {
        here == path || here.strip_prefix(path.trim_end_matches('/')).is_some_and(|rest| path.len() > 1 && rest.starts_with('/'))
    };
    menu.map(|item| &item.path).filter(|path| leads_here(path)).max_by_key(|path| path.len())
}
