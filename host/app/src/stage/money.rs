//! Money on the stage: invoices that staff issue, what was paid of them, and what is given back.

use super::Stage;
use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::money::{Currency, Money};
use tsudoi_services::invoices::{CreditInput, InvoiceInput, InvoiceSearch, LineInput, SettingsInput, TaxKind};
use tsudoi_services::visits::{OrganisationKey, Visit};
use uuid::Uuid;

#[derive(Deserialize)]
pub struct NewInvoice {
    /// By the order in which people were made.
    pub member: usize,
    pub name: String,
    /// In the currency's smallest unit.
    pub amount: i64,
}

impl Stage {
    fn currency(&self) -> anyhow::Result<Currency> {
        Currency::parse(&self.organisation.currency).context("the organisation has no currency")
    }
}

async fn visit(stage: &Stage) -> anyhow::Result<Visit> {
    stage.house.services.visit(&OrganisationKey::Slug(super::SLUG.into())).await?.context("the organisation is gone")
}

/// An amount in the currency's smallest unit, as people type it.
pub fn typed(stage: &Stage, amount: i64) -> anyhow::Result<String> {
    Ok(Money::new(amount, stage.currency()?).plain())
}

/// From now on the organisation can issue invoices.
pub async fn set_up(stage: &Stage) -> anyhow::Result<()> {
    let (services, visit) = (&stage.house.services, visit(stage).await?);
    let seen = services.invoice_settings_state(&services.invoice_settings(&visit).await?)?;
    let settings = SettingsInput {
        name: stage.organisation.name.clone(),
        address: "1-1 Chiyoda".into(),
        registration: String::new(),
        bank: String::new(),
        inclusive: true,
        rounding: "down".into(),
        standard: "10".into(),
        reduced: "8".into(),
        prefix: String::new(),
        due_days: "30".into(),
        note: String::new(),
    };
    stage.editor().save_invoice_settings(&visit, &seen, &settings).await?;
    Ok(())
}

/// Staff issue an invoice with one line without tax.
pub async fn invoice(stage: &Stage, member: MemberId, new: NewInvoice) -> anyhow::Result<Value> {
    let (services, visit, editor) = (&stage.house.services, visit(stage).await?, stage.editor());
    let (_, input) = services.new_invoice(&visit, member).await?;
    let line = LineInput { name: new.name, price: typed(stage, new.amount)?, ..LineInput::new(TaxKind::OutOfScope) };
    let id = editor.create_invoice(&visit, member, &InvoiceInput { lines: vec![line], ..input }).await?;
    let seen = services.invoice_file(&visit, id).await?.state;
    editor.issue_invoice(&visit, id, &seen).await?;
    Ok(json!({ "id": id }))
}

/// Staff take all of an invoice back.
pub async fn credit(stage: &Stage, invoice: Uuid) -> anyhow::Result<Value> {
    let (services, visit) = (&stage.house.services, visit(stage).await?);
    let file = services.invoice_file(&visit, invoice).await?;
    let paper = file.paper.context("a draft can't be taken back")?;
    let amounts = paper.groups.iter().map(|group| (group.kind, Money::new(group.gross(), paper.currency).plain())).collect();
    let input = CreditInput { amounts, reason: "taken back".into(), token: services.money_token() };
    stage.editor().credit_invoice(&visit, invoice, &input).await?;
    Ok(Value::Null)
}

/// Staff have a payment given back by the plugin.
pub async fn give_back(stage: &Stage, payment: Uuid, amount: i64) -> anyhow::Result<Value> {
    let (token, amount) = (stage.house.services.money_token(), typed(stage, amount)?);
    let state = stage.editor().refund_by_gateway(&visit(stage).await?, payment, &amount, token).await?;
    Ok(json!(state.as_str()))
}

/// What the plugin's manifest says of the way of paying that it is.
pub async fn gateway(stage: &Stage) -> anyhow::Result<Value> {
    let package = stage.house.services.newest_package(&stage.plugin).await?.context("the plugin is gone")?;
    let gateway = package.manifest.gateway.as_ref().with_context(|| format!("{} is no gateway", stage.plugin))?;
    Ok(json!({ "refunds": gateway.refunds, "saved_methods": gateway.saved_methods }))
}

/// Staff have a member charged by what they saved.
pub async fn charge(stage: &Stage, invoice: Uuid) -> anyhow::Result<Value> {
    let token = stage.house.services.money_token();
    let state = stage.editor().charge_saved(&visit(stage).await?, invoice, token).await?;
    Ok(json!(state.as_str()))
}

/// The oldest first.
pub async fn invoices(stage: &Stage) -> anyhow::Result<Value> {
    let (services, visit) = (&stage.house.services, visit(stage).await?);
    let mut found = services.invoice_list(&visit, &InvoiceSearch::default()).await?.invoices;
    // Where the clock stands, numbers alone say which came first.
    found.sort_by_key(|record| record.paper().map(|paper| paper.number.clone()));
    let today = services.today_of(&visit);
    let shown = found.iter().map(|record| {
        json!({
            "id": record.id,
            "member": record.member,
            "number": record.paper().map(|paper| paper.number.clone()),
            "name": record.paper().and_then(|paper| paper.lines.first()).map(|line| line.name.clone()),
            "state": record.standing(today).as_str(),
            "total": record.settled.total,
            "paid": record.settled.paid,
            "credited": record.settled.credited,
        })
    });
    Ok(shown.collect())
}

/// The oldest first.
pub async fn payments(stage: &Stage) -> anyhow::Result<Value> {
    let mut found = stage.house.services.payment_list(&visit(stage).await?, "", false, None).await?.payments;
    found.sort_by(|one, other| one.number.cmp(&other.number));
    let shown = found.iter().map(|payment| {
        json!({
            "id": payment.id, "number": payment.number, "method": payment.method, "reference": payment.reference,
            "amount": payment.amount, "used": payment.allocated, "refunded": payment.refunded,
        })
    });
    Ok(shown.collect())
}

/// What stands on each account; the sum is zero.
pub async fn balances(stage: &Stage) -> anyhow::Result<Value> {
    let lines = stage.house.services.balances(&visit(stage).await?).await?;
    Ok(lines.iter().map(|line| (line.account.to_string(), json!(line.amount))).collect::<serde_json::Map<_, _>>().into())
}
