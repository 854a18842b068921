//! A member's own invoices and payments, with their documents.

use super::{Answer, Asked, file, id_of, token_of};
use crate::fields::Fields;
use crate::plugins::{find, respond};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::manifest::Area;
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::PaymentStart;

fn signed_in(visiting: &Visiting) -> Result<(), Problem> {
    if visiting.visit.session.is_some() { Ok(()) } else { Err(Problem::SignIn) }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Answer {
    signed_in(&visiting)?;
    let own = web.own_bills(&visiting).await?;
    Ok(web.site_page(&visiting, StatusCode::OK, "payments.html", json!({ "bills": own })))
}

pub async fn invoice(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    signed_in(&visiting)?;
    Ok(file(web.services.own_invoice_pdf(&visiting.visit, id_of(&id)?, asked.locale()).await?))
}

pub async fn receipt(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    signed_in(&visiting)?;
    Ok(file(web.services.own_receipt_pdf(&visiting.visit, id_of(&id)?, asked.locale()).await?))
}

/// A member begins to pay through a gateway.
pub async fn pay(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    signed_in(&visiting)?;
    let (invoice, token) = (id_of(&id)?, token_of(&fields)?);
    let gateway = find(&web, &visiting, fields.raw("gateway")).await?;
    match web.services.begin_payment(&visiting.visit, invoice, &gateway, token).await {
        Ok(PaymentStart::Away(url)) => Ok(away(&web, &visiting, &url)),
        Ok(PaymentStart::Here(answer)) => respond(&web, &visiting, Area::Site, &gateway, answer, None).await,
        // Somebody has paid it meanwhile, or it was taken back: the page says so.
        Err(ServiceError::Changed) => Ok(web.go("/account/payments", "flash-warning-invoice-changed")),
        Err(other) => Err(other.into()),
    }
}

/// A member saves a method with a gateway, or wants it gone: `save` or `forget`.
pub async fn method(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    signed_in(&visiting)?;
    let token = token_of(&fields)?;
    let gateway = find(&web, &visiting, fields.raw("gateway")).await?;
    let answer = match fields.get("action") {
        "save" => match web.services.begin_saving(&visiting.visit, &gateway, token).await? {
            PaymentStart::Away(url) => return Ok(away(&web, &visiting, &url)),
            PaymentStart::Here(answer) => answer,
        },
        "forget" => match web.services.forget_method(&visiting.visit, &gateway, token).await? {
            Some(answer) => answer,
            None => return Ok(web.go("/account/payments", "flash-method-forgotten")),
        },
        _ => return Err(Problem::BadRequest),
    };
    respond(&web, &visiting, Area::Site, &gateway, answer, None).await
}

/// A form may lead to this site only, so the way out is a page with a link, which most browsers follow by themselves.
fn away(web: &Web, visiting: &Visiting, url: &str) -> Response {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let mut page = web.site_page(visiting, StatusCode::OK, "payment-away.html", json!({ "away": { "url": url, "host": host } }));
    if let Ok(refresh) = HeaderValue::from_str(&format!("1; url={url}")) {
        page.headers_mut().insert(header::REFRESH, refresh);
    }
    page
}

impl Web {
    /// For themes: what is due, what was paid, and how to pay.
    pub(crate) async fn own_bills(&self, visiting: &Visiting) -> Result<Value, Problem> {
        let own = self.services.own_bills(&visiting.visit).await?;
        let planned = self.services.own_planned_charges(&visiting.visit).await?;
        let ways = self.services.saving_ways(&visiting.visit).await?;
        let label = |plugin: &str| ways.iter().find(|way| way.plugin == plugin).and_then(|way| way.saved.clone());
        // Of an invoice: when it will be charged, and by what.
        let charge = |record: &tsudoi_services::invoices::InvoiceRecord| {
            let charge = planned.iter().find(|charge| charge.invoice == record.id)?;
            Some(json!({ "at": charge.due, "method": label(&charge.plugin)? }))
        };
        let names = self.services.gateway_names(&visiting.visit).await?;
        let lines = |records: &[tsudoi_services::invoices::InvoiceRecord]| {
            let line = |record| {
                let mut line = self.invoice_line(visiting, record)?;
                line["charge"] = json!(charge(record));
                Ok::<_, Problem>(line)
            };
            records.iter().map(line).collect::<Result<Vec<_>, _>>()
        };
        let due = own.due.iter().map(|record| record.settled.open()).sum();
        Ok(json!({
            "is_empty": own.is_empty() && ways.is_empty(),
            "due": lines(&own.due)?,
            "due_sum": self.money(visiting, due)?,
            "settled": lines(&own.settled)?,
            "payments": own.payments.iter().map(|payment| self.payment_line(visiting, &names, payment)).collect::<Result<Vec<_>, _>>()?,
            "credit": if own.credit > 0 { self.money(visiting, own.credit)? } else { String::new() },
            "gateways": self.services.ways_to_pay(&visiting.visit).await?.into_iter()
                .map(|way| json!({ "id": way.plugin, "name": way.label })).collect::<Vec<_>>(),
            "methods": ways.iter().map(|way| json!({ "id": way.plugin, "name": way.name, "saved": way.saved })).collect::<Vec<_>>(),
            "token": self.services.money_token(),
            "bank": own.bank,
        }))
    }
}
