//! Lists of invoices: all of them by where they stand, and who has not paid.

use super::{Answer, id_of, require};
use crate::AppState;
use crate::visiting::Visiting;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_services::invoices::InvoiceSearch;

/// What is looked at first comes first; empty for all.
const STATES: [&str; 8] = ["unpaid", "overdue", "partly-paid", "open", "draft", "paid", "void", ""];

#[derive(Deserialize, Default)]
pub struct Search {
    state: Option<String>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    least: String,
    #[serde(default)]
    most: String,
    #[serde(default)]
    before: String,
}

/// What was typed, no longer than anybody types.
fn typed(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

pub async fn list(State(web): State<AppState>, visiting: Visiting, Query(search): Query<Search>) -> Answer {
    require(&visiting)?;
    let looks = [&search.q, &search.from, &search.to, &search.least, &search.most].iter().any(|text| !text.trim().is_empty());
    // Whoever looks for something looks everywhere.
    let state = search.state.clone().unwrap_or_else(|| if looks { String::new() } else { "unpaid".to_owned() });
    let asked = InvoiceSearch {
        state: state.clone(),
        typed: typed(&search.q),
        from: typed(&search.from),
        to: typed(&search.to),
        least: typed(&search.least),
        most: typed(&search.most),
        before: if search.before.is_empty() { None } else { Some(id_of(&search.before)?) },
    };
    let found = web.services.invoice_list(&visiting.visit, &asked).await?;
    let url = |state: &str, before: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state);
        let pairs = [("q", &asked.typed), ("from", &asked.from), ("to", &asked.to), ("least", &asked.least), ("most", &asked.most)];
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        if !before.is_empty() {
            query.append_pair("before", before);
        }
        format!("/admin/invoices?{}", query.finish())
    };
    let filter = |key: &str| {
        let label = web.word(&visiting, &format!("invoices-state-{}", if key.is_empty() { "all" } else { key }));
        json!({ "url": url(key, ""), "label": label, "current": key == state })
    };
    let lines = found.invoices.iter().map(|record| web.invoice_line(&visiting, record)).collect::<Result<Vec<Value>, _>>()?;
    let ready = !web.services.invoice_settings(&visiting.visit).await?.issuer.address.is_empty();
    let narrowed = [&asked.from, &asked.to, &asked.least, &asked.most].iter().any(|text| !text.is_empty());
    let own = json!({
        "pages": web.money_nav(&visiting, "invoices"),
        "invoices": lines,
        "state": state,
        "filters": STATES.iter().map(|key| filter(key)).collect::<Vec<_>>(),
        "q": asked.typed, "from": asked.from, "to": asked.to, "least": asked.least, "most": asked.most,
        "looks": looks,
        "narrowed": narrowed,
        "first": asked.before.is_none(),
        "first_url": url(&state, ""),
        "next": found.next.map(|next| url(&state, &next.to_string())),
        "ready": ready,
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "invoices.html", "invoices", own))
}

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    due: String,
    #[serde(default)]
    id: String,
}

pub async fn unpaid(State(web): State<AppState>, visiting: Visiting, Query(after): Query<After>) -> Answer {
    require(&visiting)?;
    let place = if after.id.is_empty() { None } else { Some((after.due.as_str(), id_of(&after.id)?)) };
    let found = web.services.unpaid(&visiting.visit, place).await?;
    let mut lines = Vec::new();
    for late in &found.lines {
        let mut line = web.invoice_line(&visiting, &late.record)?;
        line["days"] = late.days.into();
        line["member"] = json!(late.record.member);
        lines.push(line);
    }
    let mut ages = Vec::new();
    for (key, (count, amount)) in ["now", "30", "60", "90", "later"].into_iter().zip(&found.ages) {
        let label = web.word(&visiting, &format!("invoices-age-{key}"));
        ages.push(json!({ "label": label, "count": count, "amount": web.money(&visiting, *amount)? }));
    }
    let own = json!({
        "pages": web.money_nav(&visiting, "unpaid"),
        "invoices": lines,
        "ages": ages,
        "sum": web.money(&visiting, found.ages.iter().map(|(_, amount)| amount).sum())?,
        "first": place.is_none(),
        "next": found.next.map(|(due, id)| format!("/admin/invoices/unpaid?due={due}&id={id}")),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "invoices-unpaid.html", "invoices", own))
}
