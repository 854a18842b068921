//! Invoices, payments and the books, for staff who may see money; and a member's own, with their documents as PDF.

mod books;
mod credit;
mod edit;
mod list;
mod own;
mod payments;
mod settings;
mod show;
#[cfg(test)]
mod tests;

use crate::fields::{Fields, error_of as error};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::invoices::{InvoiceRecord, Money, Paper, PaperFile, TaxGroup, TaxKind, rate_text};
use uuid::Uuid;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/invoices", get(list::list))
        .route("/admin/invoices/new", get(edit::blank).post(edit::create))
        .route("/admin/invoices/unpaid", get(list::unpaid))
        .route("/admin/invoices/settings", get(settings::show).post(settings::save))
        .route("/admin/invoices/{id}", get(show::show).post(show::act))
        .route("/admin/invoices/{id}/edit", get(edit::show).post(edit::save))
        .route("/admin/invoices/{id}/pdf", get(show::pdf))
        .route("/admin/invoices/{id}/payments", post(show::pay))
        .route("/admin/invoices/{id}/credit", get(credit::show).post(credit::save))
        .route("/admin/credit-notes/{id}/pdf", get(credit::pdf))
        .route("/admin/payments", get(payments::list))
        .route("/admin/payments/{id}", get(payments::show))
        .route("/admin/payments/refund", post(payments::refund_many))
        .route("/admin/payments/{id}/refund", post(payments::refund))
        .route("/admin/payments/{id}/refunds/{refund}/give-up", post(payments::give_up))
        .route("/admin/payments/{id}/pdf", get(payments::pdf))
        .route("/admin/ledger", get(books::show))
        .route("/admin/ledger/journal", post(books::export))
        .route("/account/payments", get(own::show))
        .route("/account/payments/{id}/pdf", get(own::receipt))
        .route("/account/invoices/{id}/pdf", get(own::invoice))
        .route("/account/invoices/{id}/pay", post(own::pay))
        .route("/account/payment-methods", post(own::method))
}

type Answer = Result<Response, Problem>;

/// An id that can't be one is of something that isn't there.
fn id_of(text: &str) -> Result<Uuid, Problem> {
    parse_uuid(text).map_err(|_| Problem::NotFound)
}

/// What names one sending of a form.
fn token_of(fields: &Fields) -> Result<Uuid, Problem> {
    parse_uuid(fields.get("token")).map_err(|_| Problem::BadRequest)
}

/// In which language a document is asked for.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    lang: String,
}

impl Asked {
    fn locale(&self) -> Option<Locale> {
        Locale::from_tag(&self.lang)
    }
}

/// A document for whoever may have it: shown in the browser, kept by nobody in between.
fn file(file: PaperFile) -> Response {
    let name = format!("inline; filename=\"{}\"", file.name);
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, file.bytes).into_response()
}

impl Web {
    fn word(&self, visiting: &Visiting, key: &str) -> String {
        self.look.message(visiting.locale(), key, &json!({}))
    }

    pub(crate) fn money(&self, visiting: &Visiting, minor: i64) -> Result<String, Problem> {
        Ok(Money::new(minor, self.services.currency(&visiting.visit)?).shown(visiting.locale()))
    }

    /// `10%`, or what a kind without tax is called.
    pub(crate) fn kind_label(&self, visiting: &Visiting, kind: TaxKind, rate: u32) -> String {
        self.look.message(visiting.locale(), &format!("invoices-kind-{}", kind.as_str()), &json!({ "rate": rate_text(rate) }))
    }

    /// The pages about money, with the current one marked.
    pub(crate) fn money_nav(&self, visiting: &Visiting, current: &str) -> Vec<Value> {
        let pages = [
            ("invoices", "/admin/invoices"),
            ("dues", "/admin/dues"),
            ("unpaid", "/admin/invoices/unpaid"),
            ("payments", "/admin/payments"),
            ("ledger", "/admin/ledger"),
            ("settings", "/admin/invoices/settings"),
        ];
        let entry = |(key, url): (&str, &str)| json!({ "url": url, "label": self.word(visiting, &format!("invoices-nav-{key}")), "current": key == current });
        pages.into_iter().map(entry).collect()
    }

    /// An invoice in a list.
    fn invoice_line(&self, visiting: &Visiting, record: &InvoiceRecord) -> Result<Value, Problem> {
        let standing = record.standing(self.services.today_of(&visiting.visit));
        let (paper, draft) = (record.paper(), record.draft());
        let recipient = paper.map(|paper| &paper.recipient).or_else(|| draft.map(|draft| &draft.recipient));
        Ok(json!({
            "id": record.id,
            "number": paper.map(|paper| paper.number.clone()).unwrap_or_default(),
            "name": recipient.map(|recipient| recipient.name.clone()).unwrap_or_default(),
            "member_number": recipient.map(|recipient| recipient.number.clone()).unwrap_or_default(),
            "issued_on": paper.map(|paper| paper.issued_on),
            "due_on": paper.and_then(|paper| paper.due_on),
            "first": paper.map(|paper| &paper.lines).or_else(|| draft.map(|draft| &draft.lines))
                .and_then(|lines| lines.first()).map(|line| line.name.clone()).unwrap_or_default(),
            "total": self.money(visiting, record.settled.total)?,
            "open": if paper.is_some() { self.money(visiting, record.settled.open())? } else { String::new() },
            "standing": standing,
            "standing_label": self.word(visiting, &format!("invoices-state-{}", standing.as_str())),
        }))
    }

    /// A member's invoices, for their page.
    pub(crate) async fn invoices_of(&self, visiting: &Visiting, member: tsudoi_kernel::MemberId) -> Result<Vec<Value>, Problem> {
        let invoices = self.services.invoices_of(&visiting.visit, member).await?;
        invoices.iter().map(|record| self.invoice_line(visiting, record)).collect()
    }

    /// A document as it is shown on a page.
    fn drawn_paper(&self, visiting: &Visiting, paper: &Paper) -> Result<Value, Problem> {
        let money = |minor: i64| paper.money(minor).shown(visiting.locale());
        let line = |line: &tsudoi_services::invoices::InvoiceLine| {
            let amount = line.price.saturating_mul(line.quantity);
            json!({
                "name": line.name, "quantity": line.quantity, "unit": line.unit, "price": money(line.price), "amount": money(amount),
                "reduced": line.kind == TaxKind::Reduced,
            })
        };
        let group = |group: &TaxGroup| {
            let amount = if paper.rule.inclusive { group.gross() } else { group.net };
            let tax = if group.kind.is_taxed() { money(group.tax) } else { String::new() };
            json!({ "label": self.kind_label(visiting, group.kind, group.rate), "amount": money(amount), "tax": tax })
        };
        Ok(json!({
            "number": paper.number,
            "issued_on": paper.issued_on,
            "due_on": paper.due_on,
            "period": paper.period,
            "note": paper.note,
            "issuer": { "name": paper.issuer.name, "address": paper.issuer.address, "registration": paper.issuer.registration, "bank": paper.issuer.bank },
            "recipient": { "name": paper.recipient.name, "address": paper.recipient.address, "number": paper.recipient.number },
            "inclusive": paper.rule.inclusive,
            "lines": paper.lines.iter().map(line).collect::<Vec<_>>(),
            "groups": paper.groups.iter().map(group).collect::<Vec<_>>(),
            "tax": money(tsudoi_services::invoices::tax(&paper.groups)),
            "total": money(paper.total()),
            "has_reduced": paper.has_reduced(),
        }))
    }
}

fn require(visiting: &Visiting) -> Result<(), Problem> {
    visiting.require_staff(Permission::MONEY)
}
