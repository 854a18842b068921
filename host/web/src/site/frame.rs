//! The form for name, logo, colour, contact and theme, and its history.

use super::{Answer, began_with};
use crate::fields::{Fields, form};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{FileId, Gate, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::files::{FileRecord, alternative_text};
use tsudoi_services::pages::RevisionSummary;
use tsudoi_services::site::{FrameChoices, FrameDraft, FrameInput, SiteFrame};

const FIELDS: [&str; 9] = ["name", "tagline", "accent", "logo", "logo_alt", "contact_email", "contact_path", "theme", "revision"];
/// How many pictures can be chosen from; the latest come first.
const PICTURES: u32 = 48;
const AT_ONCE: u32 = 30;

#[derive(Deserialize, Default)]
pub struct Asked {
    /// A picture that was uploaded just now, to be chosen as the logo.
    #[serde(default)]
    logo: String,
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let draft = web.services.frame_draft(&visiting.visit).await?;
    let mut fields = stored(&draft);
    if let Ok(logo) = asked.logo.parse::<FileId>()
        && let Ok((file, _)) = web.services.file_with_uses(&visiting.visit, logo).await
    {
        fields =
            with(&fields, &[("logo", logo.to_string()), ("logo_alt", alternative_text(&file, visiting.organisation().locale).to_owned())]);
    }
    page(&web, &visiting, StatusCode::OK, &draft, &fields, &[], Value::Null).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let began_with = began_with(&fields)?;
    let draft = web.services.frame_draft(&visiting.visit).await?;
    let publish = fields.get("action") == "publish";
    let logos = logos(&web, &visiting, &draft).await?;
    let logos: Vec<FileId> = logos.iter().map(|file| file.id).collect();
    let themes: Vec<String> = web.look.themes().iter().map(|theme| theme.id().to_owned()).collect();
    let choices = FrameChoices { logos: &logos, themes: &themes };
    let saved = match input(&fields).check(draft.frame.clone(), &choices) {
        Ok(frame) => web.services.editor(&visiting.visit).save_frame(began_with, &frame, publish).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(web.go("/admin/site", if publish { "flash-site-published" } else { "flash-site-saved" })),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &draft, &fields, &errors, Value::Null).await
        }
        Err(ServiceError::Changed) => {
            // Theirs may be newer than what was loaded above.
            let draft = web.services.frame_draft(&visiting.visit).await?;
            let revision = draft.site.head().map(|id| id.to_string()).unwrap_or_default();
            let (fields, theirs) = (with(&fields, &[("revision", revision)]), theirs(&draft));
            page(&web, &visiting, StatusCode::CONFLICT, &draft, &fields, &[], theirs).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn history(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let draft = web.services.frame_draft(&visiting.visit).await?;
    let revisions = web.services.frame_history(&visiting.visit, None, AT_ONCE).await?;
    let row = |entry: &RevisionSummary<SiteFrame>| -> Value {
        let revision = &entry.revision;
        json!({
            "id": revision.id,
            "name": entry.body.name,
            "tagline": entry.body.tagline,
            "accent": entry.body.accent,
            "menu": entry.body.menu.iter().map(|item| item.label.get(visiting.locale())).collect::<Vec<_>>(),
            "created": revision.created,
            "by": revision.by,
            "published": revision.published,
            "is_live": draft.site.published == Some(revision.id),
            "is_draft": draft.site.draft == Some(revision.id),
            "is_head": draft.site.head() == Some(revision.id),
        })
    };
    let own = json!({ "site_state": super::facts(&draft), "revisions": revisions.iter().map(row).collect::<Vec<_>>() });
    Ok(web.admin_page(&visiting, StatusCode::OK, "site-history.html", "site", own))
}

fn input(fields: &Fields) -> FrameInput {
    let text = |name| fields.get(name).to_owned();
    FrameInput {
        name: text("name"),
        tagline: text("tagline"),
        accent: text("accent"),
        logo: text("logo"),
        logo_alt: text("logo_alt"),
        contact_email: text("contact_email"),
        contact_path: text("contact_path"),
        theme: text("theme"),
    }
}

/// The form as it is when it is opened.
fn stored(draft: &FrameDraft) -> Fields {
    let frame = &draft.frame;
    let revision = draft.site.head().map(|id| id.to_string()).unwrap_or_default();
    let pairs = [
        ("name", frame.name.clone()),
        ("tagline", frame.tagline.clone()),
        ("accent", frame.accent.clone()),
        ("logo", frame.logo.map(|id| id.to_string()).unwrap_or_default()),
        ("logo_alt", frame.logo_alt.clone()),
        ("contact_email", frame.contact_email.clone()),
        ("contact_path", frame.contact_path.clone()),
        ("theme", frame.theme.clone()),
        ("revision", revision),
    ];
    Fields::new(pairs.map(|(name, value)| (name.to_owned(), value)).into())
}

/// `fields` with other values for some.
fn with(fields: &Fields, others: &[(&str, String)]) -> Fields {
    let kept = fields.pairs().iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name)).cloned();
    Fields::new(kept.chain(others.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect())
}

/// What somebody else saved, beside what was typed.
fn theirs(draft: &FrameDraft) -> Value {
    let frame = &draft.frame;
    let revision = draft.revision.as_ref();
    json!({
        "by": revision.and_then(|revision| revision.by.clone()),
        "at": revision.map(|revision| revision.created),
        "name": frame.name, "tagline": frame.tagline, "accent": frame.accent, "contact_email": frame.contact_email,
    })
}

/// The pictures that everyone may see, and with them the logo that is chosen already.
async fn logos(web: &Web, visiting: &Visiting, draft: &FrameDraft) -> Result<Vec<FileRecord>, Problem> {
    let mut files = web.services.files(&visiting.visit, true, None, PICTURES).await?;
    files.retain(|file| file.gate == Gate::Everyone);
    if let Some(logo) = draft.frame.logo.filter(|logo| !files.iter().any(|file| file.id == *logo))
        && let Ok((file, _)) = web.services.file_with_uses(&visiting.visit, logo).await
    {
        files.insert(0, file);
    }
    Ok(files)
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    draft: &FrameDraft,
    fields: &Fields,
    errors: &[(String, String)],
    conflict: Value,
) -> Answer {
    let (facts, see_as) = web.frame_context(visiting, draft).await?;
    let locale = visiting.locale();
    let picture = |file: &FileRecord| json!({ "id": file.id, "url": crate::files::address(file), "alt": alternative_text(file, locale), "name": file.name });
    let theme = |theme: &std::sync::Arc<tsudoi_render::themes::Theme>| {
        let about = theme.about();
        json!({ "id": theme.id(), "name": about.name.get(locale), "description": about.description.get(locale) })
    };
    let errors: Vec<(&str, String)> = errors.iter().map(|(field, message)| (field.as_str(), message.clone())).collect();
    let own = json!({
        "form": form(&FIELDS, fields, &errors),
        "site_state": facts,
        "see_as": see_as,
        "logos": logos(web, visiting, draft).await?.iter().map(picture).collect::<Vec<_>>(),
        "themes": web.look.themes().iter().map(theme).collect::<Vec<_>>(),
        "accent_adjusted": !tsudoi_render::accent::is_readable(fields.get("accent")),
        "conflict": conflict,
    });
    Ok(web.admin_page(visiting, status, "site.html", "site", own))
}
