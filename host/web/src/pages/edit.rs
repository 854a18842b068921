//! The page editor: the form, its preview, saving and publishing. Where somebody else saved meanwhile, the form comes
//! back with what was typed, and theirs beside it.

use super::{gate_input, page_id, revision_id, state};
use crate::fields::{Fields, form};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{PageId, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::files::{FileRecord, alternative_text};
use tsudoi_services::pages::{Audience, GateInput, PageDraft, PageInput, PagePath, PageUndo};

type Answer = Result<Response, Problem>;

const FIELDS: [&str; 6] = ["title", "path", "text", "gate", "teaser", "revision"];
/// How many pictures the editor offers; the others are a link away.
const PICTURES: u32 = 24;

#[derive(Deserialize, Default)]
pub struct Beginning {
    /// The path of a new page: where a menu already leads to.
    #[serde(default)]
    path: String,
}

pub async fn blank(State(web): State<AppState>, visiting: Visiting, Query(beginning): Query<Beginning>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let fields = Fields::new(vec![("path".into(), beginning.path), ("gate".into(), "everyone".into())]);
    Editing { web: &web, visiting: &visiting, draft: None }.page(StatusCode::OK, &fields, &[], Extra::default()).await
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let editing = Editing { web: &web, visiting: &visiting, draft: None };
    if fields.get("action") == "preview" {
        return editing.previewed(&fields).await;
    }
    let audience = web.services.audience(&visiting.visit).await?;
    let publish = fields.get("action") == "publish";
    let created = match input(&fields).check(&audience) {
        Ok(body) => web.services.editor(&visiting.visit).create_page(&body, publish).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(id) => Ok(web.go(&address(id), if publish { "flash-page-published" } else { "flash-page-saved" })),
        Err(ServiceError::Invalid(errors)) => {
            editing.page(StatusCode::UNPROCESSABLE_ENTITY, &fields, &web.messages(&visiting, &errors), Extra::default()).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let draft = web.services.page_draft(&visiting.visit, page_id(&id)?).await?;
    let fields = stored(&draft);
    Editing { web: &web, visiting: &visiting, draft: Some(draft) }.page(StatusCode::OK, &fields, &[], Extra::default()).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    let draft = web.services.page_draft(&visiting.visit, id).await?;
    let editing = Editing { web: &web, visiting: &visiting, draft: Some(draft) };
    if fields.get("action") == "preview" {
        return editing.previewed(&fields).await;
    }
    let began_with = revision_id(fields.get("revision"))?;
    let audience = web.services.audience(&visiting.visit).await?;
    let publish = fields.get("action") == "publish";
    let saved = match input(&fields).check(&audience) {
        Ok(body) => web.services.editor(&visiting.visit).save_page(id, began_with, &body, publish).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(web.go(&address(id), if publish { "flash-page-published" } else { "flash-page-saved" })),
        Err(ServiceError::Invalid(errors)) => {
            editing.page(StatusCode::UNPROCESSABLE_ENTITY, &fields, &web.messages(&visiting, &errors), Extra::default()).await
        }
        Err(ServiceError::Changed) => {
            // Theirs may be newer than what was loaded above.
            let draft = web.services.page_draft(&visiting.visit, id).await?;
            let fields = typed_over(&draft, &fields);
            Editing { draft: Some(draft), ..editing }
                .page(StatusCode::CONFLICT, &fields, &[], Extra { conflict: true, ..Extra::default() })
                .await
        }
        Err(error) => Err(error.into()),
    }
}

/// What was typed, as it will look: a piece of HTML for the editor's script.
pub async fn preview(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let html = preview_html(&web, &visiting, &fields).await?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

pub async fn preview_of(state: State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    state.services.page_draft(&visiting.visit, page_id(&id)?).await?;
    preview(state, visiting, fields).await
}

async fn preview_html(web: &Web, visiting: &Visiting, fields: &Fields) -> Result<String, Problem> {
    let html = web.typed_html(visiting, &fields.raw("text").replace("\r\n", "\n")).await?;
    // The theme puts the title above, unless the text has one of its own.
    let title = if html.contains("<h1") { String::new() } else { format!("<h1>{}</h1>", tsudoi_render::html::escape(fields.get("title"))) };
    Ok(format!("{title}{html}"))
}

pub(super) fn address(id: PageId) -> String {
    format!("/admin/pages/{id}")
}

/// For templates: `replaced`, `unpublished`, or empty where there is nothing to take back.
pub(super) fn undo_key(undo: Option<PageUndo>) -> &'static str {
    match undo {
        Some(PageUndo::Replaced) => "replaced",
        Some(PageUndo::Unpublished) => "unpublished",
        None => "",
    }
}

fn input(fields: &Fields) -> PageInput {
    PageInput {
        title: fields.get("title").to_owned(),
        path: fields.get("path").to_owned(),
        text: fields.raw("text").to_owned(),
        teaser: fields.raw("teaser").to_owned(),
        gate: gate_input(fields, ""),
    }
}

/// The form as it is when the editor is opened.
fn stored(draft: &PageDraft) -> Fields {
    let gate = GateInput::from(&draft.body.gate);
    let mut pairs = vec![
        ("title".to_owned(), draft.body.title.clone()),
        ("path".to_owned(), draft.body.path.to_string()),
        ("text".to_owned(), draft.body.text.clone()),
        ("teaser".to_owned(), draft.body.teaser.clone()),
        ("revision".to_owned(), draft.revision.id.to_string()),
        ("gate".to_owned(), gate.kind),
    ];
    pairs.extend(gate.tiers.into_iter().map(|key| ("tiers".to_owned(), key)));
    pairs.extend(gate.labels.into_iter().map(|key| ("labels".to_owned(), key)));
    Fields::new(pairs)
}

/// What was typed, to be saved over what somebody else saved: only a person who has seen both does that.
fn typed_over(draft: &PageDraft, typed: &Fields) -> Fields {
    let others = typed.pairs().iter().filter(|(name, _)| name != "revision").cloned();
    Fields::new(others.chain([("revision".to_owned(), draft.revision.id.to_string())]).collect())
}

/// What a page of the editor shows besides the form.
#[derive(Default)]
struct Extra {
    preview: Option<String>,
    /// Theirs is shown beside.
    conflict: bool,
}

/// The editor for one request; without a draft, for a new page.
struct Editing<'a> {
    web: &'a Web,
    visiting: &'a Visiting,
    draft: Option<PageDraft>,
}

impl Editing<'_> {
    /// Without scripts: the whole page again, with the preview in it.
    async fn previewed(&self, fields: &Fields) -> Answer {
        let preview = preview_html(self.web, self.visiting, fields).await?;
        self.page(StatusCode::OK, fields, &[], Extra { preview: Some(preview), ..Extra::default() }).await
    }

    async fn page(&self, status: StatusCode, fields: &Fields, errors: &[(String, String)], extra: Extra) -> Answer {
        let (web, visiting) = (self.web, self.visiting);
        let audience = web.services.audience(&visiting.visit).await?;
        let choice = |label: String, directive: String| -> Value {
            json!({ "label": label, "insert": format!("\\n\\n{directive}\\n\\n"), "directive": directive })
        };
        let blocks = web.services.block_choices(&visiting.visit).await?.into_iter().map(|block| choice(block.label, block.directive));
        let forms = web.services.forms(&visiting.visit).await?.into_iter().map(|listed| {
            let name = json!({ "name": listed.form.form.name.get(visiting.locale()) });
            let label = web.look.message(visiting.locale(), "forms-in-page", &name);
            choice(label, format!("::form/{}", listed.form.address))
        });
        let blocks: Vec<Value> = blocks.chain(forms).collect();
        let preview_html = match extra.preview {
            Some(html) => html,
            None => preview_html(web, visiting, fields).await?,
        };
        let errors: Vec<(&str, String)> = errors.iter().map(|(field, message)| (field.as_str(), message.clone())).collect();
        let own = json!({
            "form": form(&FIELDS, fields, &errors),
            "gate": web.gate_choice(visiting.locale(), "", &gate_input(fields, ""), &audience),
            "page": self.facts(),
            "pictures": self.pictures().await?,
            "blocks": blocks,
            "preview_html": preview_html,
            "conflict": if extra.conflict { self.theirs(&audience) } else { Value::Null },
            "see_as": web.see_as_choices(visiting, &audience, &self.draft.as_ref().map_or_else(|| "/".to_owned(), |draft| draft.body.path.encoded())),
        });
        Ok(web.admin_page(visiting, status, "page-edit.html", "pages", own))
    }

    /// Where the page stands; all keys are there for a new one too.
    fn facts(&self) -> Value {
        let Some(draft) = &self.draft else {
            return json!({
                "id": "", "url": "", "action": "/admin/pages/new", "state": "blank", "is_home": false, "undo": "",
                "published": "", "revision": "", "saved": null, "by": "",
            });
        };
        json!({
            "id": draft.page.id,
            "url": draft.page.path.as_ref().filter(|_| draft.page.published.is_some()).map(|_| self.public_url(draft)).unwrap_or_default(),
            "action": address(draft.page.id),
            "state": state(&draft.page),
            "is_home": draft.body.path.is_home(),
            "undo": undo_key(draft.undo),
            "published": draft.page.published.map(|id| id.to_string()).unwrap_or_default(),
            "revision": draft.revision.id,
            "saved": draft.revision.created,
            "by": draft.revision.by,
        })
    }

    /// Where the published page is, which may not be where the draft will be.
    fn public_url(&self, draft: &PageDraft) -> String {
        let path = draft.page.path.as_deref().unwrap_or("/");
        PagePath::parse(path).map(|path| path.encoded()).unwrap_or_default()
    }

    fn theirs(&self, audience: &Audience) -> Value {
        let Some(draft) = &self.draft else { return Value::Null };
        json!({
            "by": draft.revision.by,
            "at": draft.revision.created,
            "title": draft.body.title,
            "path": draft.body.path,
            "text": draft.body.text,
            "teaser": draft.body.teaser,
            "gate": self.web.gate_words(self.visiting.locale(), &draft.body.gate, audience),
        })
    }

    async fn pictures(&self) -> Result<Vec<Value>, Problem> {
        let visiting = self.visiting;
        let files = self.web.services.files(&visiting.visit, true, None, PICTURES).await?;
        let picture = |file: &FileRecord| {
            let alt = alternative_text(file, visiting.organisation().locale);
            let url = crate::files::address(file);
            // What closes the brackets of a picture in Markdown would end its text.
            let plain: String = alt.chars().map(|character| if "[]\\`*_".contains(character) { ' ' } else { character }).collect();
            json!({ "url": url, "alt": alt, "name": file.name, "markdown": format!("![{plain}]({url})") })
        };
        Ok(files.iter().map(picture).collect())
    }
}
