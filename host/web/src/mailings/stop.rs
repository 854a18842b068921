//! Ending mails of a kind by the address that each of them carries. It is signed for one member and one kind, and that is all that
//! authorises: a mail program posts here without cookies (RFC 8058), and so may somebody who is not signed in.

use crate::fields::{body, decode};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use tsudoi_services::mail::MailStop;

type Answer = Result<Response, Problem>;

#[derive(Deserialize)]
pub struct Signed {
    #[serde(default)]
    member: String,
    #[serde(default)]
    plugin: String,
    #[serde(default)]
    mail: String,
    #[serde(default)]
    sign: String,
}

impl Signed {
    fn named(&self, web: &Web, visiting: &Visiting) -> Result<MailStop, Problem> {
        let stop = web.services.mail_stop(&visiting.visit, &self.member, &self.plugin, &self.mail, &self.sign);
        stop.ok_or(Problem::NotFound)
    }
}

/// Only asks: programs that look at links before people do must end nothing.
pub async fn show(State(web): State<AppState>, visiting: Visiting, Query(signed): Query<Signed>) -> Answer {
    let stop = signed.named(&web, &visiting)?;
    page(&web, &visiting, &stop, false).await
}

/// `List-Unsubscribe=One-Click` from a mail program, or a button of the page.
pub async fn act(State(web): State<AppState>, visiting: Visiting, Query(signed): Query<Signed>, request: Request) -> Answer {
    let stop = signed.named(&web, &visiting)?;
    let fields = decode(&body(request).await?);
    let takes_back = fields.iter().any(|(name, value)| name == "action" && value == "again");
    web.services.stop_mails(&visiting.visit, &stop, !takes_back).await?;
    page(&web, &visiting, &stop, true).await
}

async fn page(web: &Web, visiting: &Visiting, stop: &MailStop, done: bool) -> Answer {
    let page = web.services.stop_page(&visiting.visit, stop).await?.ok_or(Problem::NotFound)?;
    let own = json!({
        "stop": { "label": page.label, "mailbox": page.mailbox, "stopped": page.stopped, "done": done, "action": &*visiting.target },
    });
    Ok(web.site_page(visiting, StatusCode::OK, "mail-stop.html", own))
}
