//! A member's own invoices and payments, with their documents.

use super::{Answer, Asked, file, id_of};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

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

impl Web {
    /// For themes: what is due, what was paid, and how to pay.
    pub(crate) async fn own_bills(&self, visiting: &Visiting) -> Result<Value, Problem> {
        let own = self.services.own_bills(&visiting.visit).await?;
        let lines = |records: &[tsudoi_services::invoices::InvoiceRecord]| {
            records.iter().map(|record| self.invoice_line(visiting, record)).collect::<Result<Vec<_>, _>>()
        };
        let due = own.due.iter().map(|record| record.settled.open()).sum();
        Ok(json!({
            "is_empty": own.is_empty(),
            "due": lines(&own.due)?,
            "due_sum": self.money(visiting, due)?,
            "settled": lines(&own.settled)?,
            "payments": own.payments.iter().map(|payment| self.payment_line(visiting, payment)).collect::<Result<Vec<_>, _>>()?,
            "credit": if own.credit > 0 { self.money(visiting, own.credit)? } else { String::new() },
            // Ways of paying on the spot, each with a name and an address; none until gateways are there.
            "gateways": Vec::<Value>::new(),
            "bank": own.bank,
        }))
    }
}
