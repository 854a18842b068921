//! What stands on each account, and the journal as a file.

use super::{Answer, error, require};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tsudoi_services::ServiceError;
use tsudoi_services::invoices::{AccountLine, Journal};

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Answer {
    require(&visiting)?;
    page(&web, &visiting, StatusCode::OK, ["", ""], &[]).await
}

pub async fn export(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    require(&visiting)?;
    let form = Journal::parse(fields.get("form")).ok_or(Problem::BadRequest)?;
    let dates = [fields.get("from"), fields.get("to")];
    match web.services.editor(&visiting.visit).export_journal(&visiting.visit, form, dates[0], dates[1]).await {
        Ok(bytes) => {
            let (kind, ending) = match form {
                Journal::Plain => ("text/plain; charset=utf-8", "journal"),
                Journal::Csv => ("text/csv; charset=utf-8", "csv"),
            };
            let name = format!("attachment; filename=\"journal.{ending}\"");
            Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
        }
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, dates, &errors).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, [from, to]: [&str; 2], errors: &[(String, String)]) -> Answer {
    let balances = web.services.balances(&visiting.visit).await?;
    let line = |line: &AccountLine| -> Result<Value, Problem> {
        let amount = web.money(visiting, line.amount.abs())?;
        Ok(
            json!({ "name": line.name, "account": line.account.to_string(), "amount": amount, "debit": line.amount > 0, "zero": line.amount == 0 }),
        )
    };
    let side = |is_debit: bool| balances.iter().map(|line| line.amount).filter(|amount| (*amount > 0) == is_debit).sum::<i64>().abs();
    let own = json!({
        "pages": web.money_nav(visiting, "ledger"),
        "accounts": balances.iter().map(line).collect::<Result<Vec<_>, _>>()?,
        "debit": web.money(visiting, side(true))?,
        "credit": web.money(visiting, side(false))?,
        "from": from, "from_error": error(errors, "from"),
        "to": to, "to_error": error(errors, "to"),
    });
    Ok(web.admin_page(visiting, status, "ledger.html", "invoices", own))
}
