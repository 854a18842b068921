//! What gateways are asked for in the background, each under its own id until they have answered: to give payments back, and to
//! charge members by the methods that they saved.

use crate::billing::Billing;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::billing::{Outcome, PaymentReport, SavedMethod, Settlement};
use tsudoi_kernel::{AccountId, MemberId, OrganisationId, Timestamp};
use uuid::Uuid;

/// Which of them: each kind has its own table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Refund,
    Charge,
}

impl Wish {
    const fn table(self) -> &'static str {
        match self {
            Self::Refund => "gateway_refunds",
            Self::Charge => "gateway_charges",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WishState {
    /// It is tried until the gateway answers.
    Asked,
    /// The gateway has taken it and will report what comes of it.
    Waiting,
    Done,
    /// The gateway said no.
    Failed,
    /// It was not needed any more before it was tried.
    Dropped,
}

impl WishState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Asked, Self::Waiting, Self::Done, Self::Failed, Self::Dropped]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::Broken(format!("a wish in the state {text}")))
    }
}

/// A refund that a gateway is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayRefund {
    pub organisation: OrganisationId,
    /// The key that the gateway hears.
    pub id: Uuid,
    pub plugin: String,
    pub payment: Uuid,
    pub invoice: Uuid,
    pub amount: i64,
    pub state: WishState,
    pub attempts: u32,
    /// What went wrong, for staff.
    pub detail: String,
    pub by: Option<AccountId>,
}

/// A member who is to be charged by the method that they saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCharge {
    pub organisation: OrganisationId,
    /// The key that the gateway hears.
    pub id: Uuid,
    pub plugin: String,
    pub invoice: Uuid,
    pub member: MemberId,
    /// From the first try on, so that each further one asks for the same.
    pub amount: Option<i64>,
    pub state: WishState,
    pub attempts: u32,
    /// When it is tried first.
    pub due: Timestamp,
    /// What went wrong, for staff.
    pub detail: String,
    pub by: Option<AccountId>,
}

#[derive(FromQueryResult)]
struct RefundRow {
    organisation_id: Uuid,
    id: Uuid,
    plugin_id: String,
    payment_id: Uuid,
    invoice_id: Uuid,
    amount: i64,
    state: String,
    attempts: i64,
    detail: String,
    account_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct ChargeRow {
    organisation_id: Uuid,
    id: Uuid,
    plugin_id: String,
    invoice_id: Uuid,
    member_id: Uuid,
    amount: Option<i64>,
    state: String,
    attempts: i64,
    due: i64,
    detail: String,
    account_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct MethodRow {
    plugin_id: String,
    label: String,
}

const REFUND: &str = "SELECT organisation_id, id, plugin_id, payment_id, invoice_id, amount, state, attempts, detail, account_id
     FROM gateway_refunds";
const CHARGE: &str = "SELECT organisation_id, id, plugin_id, invoice_id, member_id, amount, state, attempts, due, detail, account_id
     FROM gateway_charges";

impl TryFrom<RefundRow> for GatewayRefund {
    type Error = StoreError;

    fn try_from(row: RefundRow) -> Result<Self, StoreError> {
        Ok(Self {
            organisation: OrganisationId(row.organisation_id),
            id: row.id,
            plugin: row.plugin_id,
            payment: row.payment_id,
            invoice: row.invoice_id,
            amount: row.amount,
            state: WishState::parse(&row.state)?,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            detail: row.detail,
            by: row.account_id.map(AccountId),
        })
    }
}

impl TryFrom<ChargeRow> for GatewayCharge {
    type Error = StoreError;

    fn try_from(row: ChargeRow) -> Result<Self, StoreError> {
        Ok(Self {
            organisation: OrganisationId(row.organisation_id),
            id: row.id,
            plugin: row.plugin_id,
            invoice: row.invoice_id,
            member: MemberId(row.member_id),
            amount: row.amount,
            state: WishState::parse(&row.state)?,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            due: Timestamp::from_millis(row.due),
            detail: row.detail,
            by: row.account_id.map(AccountId),
        })
    }
}

impl OrganisationStore {
    /// What gateways were asked to give back of a payment.
    pub async fn gateway_refunds(&self, payment: Uuid) -> Result<Vec<GatewayRefund>, StoreError> {
        let select = format!("{REFUND} WHERE organisation_id = $1 AND payment_id = $2 ORDER BY id");
        let rows: Vec<RefundRow> = self.store.read().all(&select, [self.id.0.into(), payment.into()]).await?;
        rows.into_iter().map(GatewayRefund::try_from).collect()
    }

    pub async fn gateway_refund(&self, id: Uuid) -> Result<Option<GatewayRefund>, StoreError> {
        let select = format!("{REFUND} WHERE organisation_id = $1 AND id = $2");
        let row: Option<RefundRow> = self.store.read().one(&select, [self.id.0.into(), id.into()]).await?;
        row.map(GatewayRefund::try_from).transpose()
    }

    /// What gateways were asked to charge for an invoice, the oldest first.
    pub async fn gateway_charges(&self, invoice: Uuid) -> Result<Vec<GatewayCharge>, StoreError> {
        let select = format!("{CHARGE} WHERE organisation_id = $1 AND invoice_id = $2 ORDER BY created, id");
        let rows: Vec<ChargeRow> = self.store.read().all(&select, [self.id.0.into(), invoice.into()]).await?;
        rows.into_iter().map(GatewayCharge::try_from).collect()
    }

    /// What of a member's invoices is to be charged at some time.
    pub async fn planned_charges(&self, member: MemberId) -> Result<Vec<GatewayCharge>, StoreError> {
        let select = format!("{CHARGE} WHERE organisation_id = $1 AND member_id = $2 AND state = 'asked' ORDER BY due, id");
        let rows: Vec<ChargeRow> = self.store.read().all(&select, [self.id.0.into(), member.0.into()]).await?;
        rows.into_iter().map(GatewayCharge::try_from).collect()
    }

    pub async fn gateway_charge(&self, id: Uuid) -> Result<Option<GatewayCharge>, StoreError> {
        let select = format!("{CHARGE} WHERE organisation_id = $1 AND id = $2");
        let row: Option<ChargeRow> = self.store.read().one(&select, [self.id.0.into(), id.into()]).await?;
        row.map(GatewayCharge::try_from).transpose()
    }

    /// It is tried again at `next`, or not at all in another state.
    pub async fn put_off_wish(
        &self,
        wish: Wish,
        id: Uuid,
        state: WishState,
        next: Timestamp,
        detail: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE {} SET state = $3, attempts = attempts + 1, next_attempt = $4, detail = $5, updated = $6
             WHERE organisation_id = $1 AND id = $2 AND state = 'asked'",
            wish.table()
        );
        let values: [Value; 6] =
            [self.id.0.into(), id.into(), state.as_str().into(), next.as_i64().into(), detail.into(), at.as_i64().into()];
        self.store.write().execute(&update, values).await?;
        Ok(())
    }

    /// The methods that a member has saved: plugin and label.
    pub async fn saved_methods(&self, member: MemberId) -> Result<Vec<(String, String)>, StoreError> {
        let select = "SELECT plugin_id, label FROM saved_methods WHERE organisation_id = $1 AND member_id = $2 ORDER BY plugin_id";
        let rows: Vec<MethodRow> = self.store.read().all(select, [self.id.0.into(), member.0.into()]).await?;
        Ok(rows.into_iter().map(|row| (row.plugin_id, row.label)).collect())
    }
}

impl Store {
    /// Wishes that are due, each for one who asks: it is due again after `lease`.
    pub async fn claim_wishes_all_organisations(
        &self,
        wish: Wish,
        now: Timestamp,
        lease: Timestamp,
        most: u32,
    ) -> Result<Vec<(OrganisationId, Uuid)>, StoreError> {
        #[derive(FromQueryResult)]
        struct ClaimRow {
            organisation_id: Uuid,
            id: Uuid,
        }
        let table = wish.table();
        let claim = format!(
            "UPDATE {table} SET next_attempt = $2 WHERE state = 'asked' AND next_attempt <= $1 AND (organisation_id, id) IN
             (SELECT organisation_id, id FROM {table} WHERE state = 'asked' AND next_attempt <= $1 ORDER BY next_attempt LIMIT {most})
             RETURNING organisation_id, id"
        );
        let rows: Vec<ClaimRow> = self.write().all(&claim, [now.as_i64().into(), lease.as_i64().into()]).await?;
        Ok(rows.into_iter().map(|row| (OrganisationId(row.organisation_id), row.id)).collect())
    }
}

impl ChangeTransaction {
    /// Asks a gateway to give something back: kept until it has answered. A worker asks from `due` on. `false` where this wish was
    /// kept before.
    pub async fn ask_gateway_refund(&self, refund: &GatewayRefund, due: Timestamp) -> Result<bool, StoreError> {
        let insert = "INSERT INTO gateway_refunds (organisation_id, id, plugin_id, payment_id, invoice_id, amount, state, attempts,
                 next_attempt, detail, account_id, created, updated)
             VALUES ($1, $2, $3, $4, $5, $6, 'asked', 0, $7, '', $8, $9, $9) ON CONFLICT DO NOTHING";
        let values: [Value; 9] = [
            self.organisation().0.into(),
            refund.id.into(),
            refund.plugin.as_str().into(),
            refund.payment.into(),
            refund.invoice.into(),
            refund.amount.into(),
            due.as_i64().into(),
            refund.by.map(|by| by.0).into(),
            self.at().as_i64().into(),
        ];
        Ok(self.sql().execute(insert, values).await? == 1)
    }

    /// Plans to charge a member at the charge's `due`; a worker does it. `false` where one is planned for this invoice already.
    pub async fn plan_charge(&self, charge: &GatewayCharge) -> Result<bool, StoreError> {
        let insert =
            "INSERT INTO gateway_charges (organisation_id, id, plugin_id, invoice_id, member_id, state, attempts, due, next_attempt,
                 detail, account_id, created, updated)
             VALUES ($1, $2, $3, $4, $5, 'asked', 0, $6, $6, '', $7, $8, $8) ON CONFLICT DO NOTHING";
        let values: [Value; 8] = [
            self.organisation().0.into(),
            charge.id.into(),
            charge.plugin.as_str().into(),
            charge.invoice.into(),
            charge.member.0.into(),
            charge.due.as_i64().into(),
            charge.by.map(|by| by.0).into(),
            self.at().as_i64().into(),
        ];
        Ok(self.sql().execute(insert, values).await? == 1)
    }

    /// What is charged, once and for all tries: the first who says it. Answers what holds, where the charge is still asked for.
    pub async fn fix_charge(&self, id: Uuid, amount: i64) -> Result<Option<i64>, StoreError> {
        #[derive(FromQueryResult)]
        struct AmountRow {
            amount: i64,
        }
        let update = "UPDATE gateway_charges SET amount = coalesce(amount, $3) WHERE organisation_id = $1 AND id = $2 AND state = 'asked'
             RETURNING amount";
        let row: Option<AmountRow> = self.sql().one(update, [self.organisation().0.into(), id.into(), amount.into()]).await?;
        Ok(row.map(|row| row.amount))
    }

    /// Charges that were not tried yet are not needed any more: those of a member by a gateway.
    pub async fn drop_charges(&self, plugin: &str, member: MemberId) -> Result<u64, StoreError> {
        let update = "UPDATE gateway_charges SET state = 'dropped', updated = $4
             WHERE organisation_id = $1 AND plugin_id = $2 AND member_id = $3 AND state = 'asked' AND amount IS NULL";
        let values: [Value; 4] = [self.organisation().0.into(), plugin.into(), member.0.into(), self.at().as_i64().into()];
        self.sql().execute(update, values).await
    }

    /// What gateways are still asked to give back of a payment, or are at work on.
    pub async fn asked_of_gateways(&self, payment: Uuid) -> Result<i64, StoreError> {
        Ok(self.sum_of_refunds(payment, WishState::Asked).await? + self.sum_of_refunds(payment, WishState::Waiting).await?)
    }

    /// So much of a payment was given back in all: what a gateway was at work on is done as far as that goes.
    pub(crate) async fn finish_waiting_refunds(&self, payment: Uuid, given_back: i64) -> Result<(), StoreError> {
        let select = format!("{REFUND} WHERE organisation_id = $1 AND payment_id = $2 AND state = 'waiting' ORDER BY created, id");
        let waiting: Vec<RefundRow> = self.sql().all(&select, [self.organisation().0.into(), payment.into()]).await?;
        let mut known = self.sum_of_refunds(payment, WishState::Done).await?;
        for refund in waiting {
            known += refund.amount;
            if known > given_back {
                break;
            }
            self.end_waiting_refund(refund.payment_id, refund.id, WishState::Done).await?;
        }
        Ok(())
    }

    /// A gateway is no longer at work on a refund: `false` where it was not.
    pub async fn end_waiting_refund(&self, payment: Uuid, id: Uuid, state: WishState) -> Result<bool, StoreError> {
        let update = "UPDATE gateway_refunds SET state = $4, updated = $5
             WHERE organisation_id = $1 AND payment_id = $2 AND id = $3 AND state = 'waiting'";
        let values: [Value; 5] =
            [self.organisation().0.into(), payment.into(), id.into(), state.as_str().into(), self.at().as_i64().into()];
        Ok(self.sql().execute(update, values).await? == 1)
    }

    async fn sum_of_refunds(&self, payment: Uuid, state: WishState) -> Result<i64, StoreError> {
        #[derive(FromQueryResult)]
        struct SumRow {
            amount: i64,
        }
        let sum = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount FROM gateway_refunds
             WHERE organisation_id = $1 AND payment_id = $2 AND state = $3";
        let row: Option<SumRow> = self.sql().one(sum, [self.organisation().0.into(), payment.into(), state.as_str().into()]).await?;
        Ok(row.map_or(0, |row| row.amount))
    }

    /// The gateway has answered: `false` where that was known.
    pub async fn finish_wish(&self, wish: Wish, id: Uuid, state: WishState, detail: &str) -> Result<bool, StoreError> {
        let update = format!(
            "UPDATE {} SET state = $3, updated = $4, detail = $5 WHERE organisation_id = $1 AND id = $2 AND state = 'asked'",
            wish.table()
        );
        let values: [Value; 5] = [self.organisation().0.into(), id.into(), state.as_str().into(), self.at().as_i64().into(), detail.into()];
        Ok(self.sql().execute(&update, values).await? == 1)
    }

    /// What a gateway said of a member's method, in its call's commit. A member who was erased meanwhile has none.
    pub(crate) async fn keep_method(&mut self, method: &SavedMethod) -> Result<(), StoreError> {
        let SavedMethod { plugin, member, label, .. } = method;
        let Some(label) = label else { return self.forget_method(plugin, *member).await };
        let upsert = "INSERT INTO saved_methods (organisation_id, plugin_id, member_id, label, at)
             SELECT m.organisation_id, $3, m.id, $4, $5 FROM members m WHERE m.organisation_id = $1 AND m.id = $2
             ON CONFLICT (organisation_id, plugin_id, member_id) DO UPDATE SET label = excluded.label, at = excluded.at";
        let values: [Value; 5] =
            [self.organisation().0.into(), member.0.into(), plugin.as_str().into(), label.as_str().into(), self.at().as_i64().into()];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// A member has no method saved with this gateway any more; what was planned to be charged by it is not.
    pub async fn forget_method(&mut self, plugin: &str, member: MemberId) -> Result<(), StoreError> {
        let delete = "DELETE FROM saved_methods WHERE organisation_id = $1 AND plugin_id = $2 AND member_id = $3";
        self.sql().execute(delete, [self.organisation().0.into(), plugin.into(), member.0.into()]).await?;
        self.drop_charges(plugin, member).await?;
        Ok(())
    }
}

impl Billing<'_> {
    /// A gateway has answered what it was asked to give back. `false` where that was known.
    pub async fn hear_refund(&mut self, refund: &GatewayRefund, seed: Uuid, answered: Outcome) -> Result<bool, StoreError> {
        let state = match answered {
            Outcome::Refunded => WishState::Done,
            Outcome::Pending => WishState::Waiting,
            Outcome::Failed | Outcome::Paid | Outcome::Disputed => WishState::Failed,
        };
        if !self.transaction.finish_wish(Wish::Refund, refund.id, state, "").await? {
            return Ok(false);
        }
        let Some(payment) = self.transaction.current_payment(refund.payment).await? else { return Ok(true) };
        let Some(reference) = payment.reference.clone().filter(|_| state == WishState::Done) else { return Ok(true) };
        let known = self.transaction.current_report(&refund.plugin, &reference).await?;
        let (paid, refunded) = known.map_or((payment.amount, 0), |known| (known.paid, known.refunded));
        // A notice of the provider's may have come before this answer: then all of it is known.
        let done = self.transaction.sum_of_refunds(refund.payment, WishState::Done).await?;
        let report = PaymentReport {
            id: seed,
            plugin: refund.plugin.clone(),
            invoice: refund.invoice,
            reference,
            amount: refunded.max(done).min(paid),
            outcome: Outcome::Refunded,
            depth: 1,
        };
        self.hear(&report).await?;
        Ok(true)
    }

    /// A gateway has answered what it was asked to charge. Answers where the charge stands now, or nothing where that was known.
    pub async fn hear_charge(
        &mut self,
        charge: &GatewayCharge,
        amount: i64,
        seed: Uuid,
        answered: &Settlement,
    ) -> Result<Option<WishState>, StoreError> {
        let (state, outcome) = match answered.outcome {
            Outcome::Paid => (WishState::Done, Outcome::Paid),
            Outcome::Pending => (WishState::Waiting, Outcome::Pending),
            Outcome::Failed | Outcome::Refunded | Outcome::Disputed => (WishState::Failed, Outcome::Failed),
        };
        if !self.transaction.finish_wish(Wish::Charge, charge.id, state, "").await? {
            return Ok(None);
        }
        let reference = answered.reference.clone();
        self.hear(&PaymentReport {
            id: seed,
            plugin: charge.plugin.clone(),
            invoice: charge.invoice,
            reference,
            amount,
            outcome,
            depth: 1,
        })
        .await?;
        Ok(Some(state))
    }
}
