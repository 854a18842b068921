//! The form for the menus. Rows are added, removed and moved by buttons that send the form, so it works without scripts.

use super::{Answer, began_with};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Web};
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::ServiceError;
use tsudoi_services::site::{FrameDraft, MenuRow, SiteFrame, check_menu};

/// The menus by their names in the form.
const MENUS: [&str; 2] = ["menu", "footer"];
const MOST_ROWS: usize = 30;

struct Rows([Vec<MenuRow>; 2]);

impl Rows {
    fn stored(frame: &SiteFrame) -> Self {
        Self([&frame.menu, &frame.footer_menu].map(|items| items.iter().map(MenuRow::of).collect()))
    }

    /// `menu-0-ja`, `menu-0-en`, `menu-0-path`, `menu-1-ja`, …
    fn sent(fields: &Fields) -> Self {
        Self(MENUS.map(|menu| {
            let row = |number: usize| {
                let text = |part| fields.get(&format!("{menu}-{number}-{part}")).to_owned();
                MenuRow { label_ja: text("ja"), label_en: text("en"), path: text("path") }
            };
            (0..MOST_ROWS).take_while(|number| fields.has(&format!("{menu}-{number}-path"))).map(row).collect()
        }))
    }

    /// What a button asks for: `add:menu`, `remove:menu:2`, `up:footer:1`, `down:menu:0`. `None` for other buttons.
    fn edited(mut self, action: &str) -> Result<Self, Self> {
        let mut words = action.split(':');
        let (verb, menu) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some(rows) = MENUS.iter().position(|name| *name == menu).map(|index| &mut self.0[index]) else { return Err(self) };
        let number = words.next().and_then(|number| number.parse::<usize>().ok()).filter(|number| *number < rows.len());
        match (verb, number) {
            ("add", _) if rows.len() < MOST_ROWS => rows.push(MenuRow::default()),
            ("remove", Some(number)) => {
                rows.remove(number);
            }
            ("up", Some(number)) if number > 0 => rows.swap(number, number - 1),
            ("down", Some(number)) if number + 1 < rows.len() => rows.swap(number, number + 1),
            _ => {}
        }
        Ok(self)
    }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let draft = web.services.frame_draft(&visiting.visit).await?;
    let rows = Rows::stored(&draft.frame);
    let revision = draft.site.head().map(|id| id.to_string()).unwrap_or_default();
    page(&web, &visiting, StatusCode::OK, &draft, &rows, &revision, &[], false).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let began_with = began_with(&fields)?;
    let draft = web.services.frame_draft(&visiting.visit).await?;
    let revision = fields.get("revision");
    let rows = match Rows::sent(&fields).edited(fields.get("action")) {
        Ok(rows) => return page(&web, &visiting, StatusCode::OK, &draft, &rows, revision, &[], false).await,
        Err(rows) => rows,
    };
    let publish = fields.get("action") == "publish";
    let [menu, footer] = [0, 1].map(|index| check_menu(MENUS[index], &rows.0[index]));
    let saved = match (menu, footer) {
        (Ok(menu), Ok(footer_menu)) => {
            let frame = SiteFrame { menu, footer_menu, ..draft.frame.clone() };
            web.services.editor(&visiting.visit).save_frame(began_with, &frame, publish).await
        }
        (menu, footer) => {
            let errors = [menu.err(), footer.err()].into_iter().flatten().flatten().collect();
            Err(ServiceError::Invalid(errors))
        }
    };
    match saved {
        Ok(()) => Ok(web.go("/admin/menu", if publish { "flash-site-published" } else { "flash-site-saved" })),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &draft, &rows, revision, &errors, false).await
        }
        Err(ServiceError::Changed) => {
            // Theirs may be newer than what was loaded above.
            let draft = web.services.frame_draft(&visiting.visit).await?;
            let revision = draft.site.head().map(|id| id.to_string()).unwrap_or_default();
            page(&web, &visiting, StatusCode::CONFLICT, &draft, &rows, &revision, &[], true).await
        }
        Err(error) => Err(error.into()),
    }
}

#[allow(clippy::too_many_arguments, reason = "what the form shows, each thing once")]
async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    draft: &FrameDraft,
    rows: &Rows,
    revision: &str,
    errors: &[(String, String)],
    conflict: bool,
) -> Answer {
    let (facts, see_as) = web.frame_context(visiting, draft).await?;
    let menu = |index: usize| -> Value {
        let name = MENUS[index];
        let row = |(number, row): (usize, &MenuRow)| {
            let error = |part: &str| {
                let field = format!("{name}-{number}-{part}");
                errors.iter().find(|(wrong, _)| *wrong == field).map(|(_, message)| message.clone()).unwrap_or_default()
            };
            json!({
                "number": number, "ja": row.label_ja, "en": row.label_en, "path": row.path,
                "label_error": error("label"), "path_error": error("path"),
                "first": number == 0, "last": number + 1 == rows.0[index].len(),
            })
        };
        json!({ "name": name, "rows": rows.0[index].iter().enumerate().map(row).collect::<Vec<_>>() })
    };
    let theirs = |index: usize| -> Vec<Value> {
        let items = if index == 0 { &draft.frame.menu } else { &draft.frame.footer_menu };
        items.iter().map(|item| json!({ "label": item.label.get(visiting.locale()), "path": item.path })).collect()
    };
    let pages = web.services.pages(&visiting.visit).await?;
    let paths: Vec<Value> = pages
        .iter()
        .filter(|page| page.page.deleted.is_none())
        .map(|page| json!({ "path": page.body.path, "title": page.body.title }))
        .collect();
    let own = json!({
        "site_state": facts,
        "see_as": see_as,
        "revision": revision,
        "menus": [menu(0), menu(1)],
        "paths": paths,
        "conflict": if conflict { json!({ "menus": [theirs(0), theirs(1)] }) } else { Value::Null },
    });
    Ok(web.admin_page(visiting, status, "menu.html", "site", own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(rows: &Rows) -> Vec<&str> {
        rows.0[0].iter().map(|row| row.label_ja.as_str()).collect()
    }

    fn rows() -> Rows {
        let pairs = ["一", "二", "三"].iter().enumerate().flat_map(|(number, label)| {
            [(format!("menu-{number}-ja"), (*label).to_owned()), (format!("menu-{number}-path"), format!("/{number}"))]
        });
        Rows::sent(&Fields::new(pairs.collect()))
    }

    fn after(action: &str) -> Vec<String> {
        let (Ok(rows) | Err(rows)) = rows().edited(action);
        labels(&rows).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn buttons_move_add_and_remove_rows() {
        assert_eq!(after("up:menu:1"), ["二", "一", "三"]);
        assert_eq!(after("down:menu:1"), ["一", "三", "二"]);
        assert_eq!(after("remove:menu:0"), ["二", "三"]);
        assert_eq!(after("add:menu"), ["一", "二", "三", ""]);
    }

    #[test]
    fn a_button_that_asks_for_what_there_is_not_changes_nothing() {
        for action in ["up:menu:0", "down:menu:2", "remove:menu:7", "remove:menu:x", "up:menu", "save", "remove:other:0"] {
            assert_eq!(after(action), ["一", "二", "三"], "{action}");
        }
        assert!(rows().edited("publish").is_err());
    }
}
