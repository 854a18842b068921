//! Payments, what they were used for, and refunds. Each is booked once, and none is changed but for the sums of what was
//! used and given back.

use crate::member_list::anywhere;
use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use tsudoi_kernel::invoice::PaymentBody;
use tsudoi_kernel::ledger::Method;
use tsudoi_kernel::{MemberId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: Uuid,
    /// Whose it was, while they are a member.
    pub member: Option<MemberId>,
    pub number: String,
    pub method: Method,
    /// What the bank or the gateway calls it.
    pub reference: Option<String>,
    pub body: PaymentBody,
    pub amount: i64,
    /// What was used for invoices.
    pub allocated: i64,
    pub refunded: i64,
    /// A date, `2026-11-22`.
    pub received_on: String,
    pub created: Timestamp,
}

impl Payment {
    /// What is the member's still.
    pub fn rest(&self) -> i64 {
        self.amount - self.allocated - self.refunded
    }
}

/// A payment that is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentDraft {
    pub id: Uuid,
    pub member: Option<MemberId>,
    pub number: String,
    pub year: i32,
    pub sequence: i64,
    pub method: Method,
    pub reference: Option<String>,
    /// Names one sending of a form.
    pub token: Uuid,
    pub body: PaymentBody,
    pub amount: i64,
    pub received_on: String,
    pub search: String,
}

/// A part of a payment that was used for an invoice; below zero, taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    pub id: Uuid,
    pub payment: Uuid,
    pub payment_number: String,
    pub invoice: Uuid,
    pub invoice_number: String,
    pub amount: i64,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: Uuid,
    pub payment: Uuid,
    pub method: Method,
    pub reference: Option<String>,
    pub amount: i64,
    pub refunded_on: String,
    pub note: String,
}

#[derive(FromQueryResult)]
struct PaymentRow {
    id: Uuid,
    member_id: Option<Uuid>,
    number: String,
    method: String,
    reference: Option<String>,
    body: String,
    amount: i64,
    allocated: i64,
    refunded: i64,
    received_on: String,
    created: i64,
}

#[derive(FromQueryResult)]
struct AllocationRow {
    id: Uuid,
    payment_id: Uuid,
    payment_number: String,
    invoice_id: Uuid,
    invoice_number: Option<String>,
    amount: i64,
    at: i64,
}

#[derive(FromQueryResult)]
struct RefundRow {
    id: Uuid,
    payment_id: Uuid,
    method: String,
    reference: Option<String>,
    amount: i64,
    refunded_on: String,
    note: String,
}

const PAYMENT: &str = "SELECT id, member_id, number, method, reference, body, amount, allocated, refunded, received_on, created
     FROM payments WHERE organisation_id = $1";
const ALLOCATION: &str = "SELECT a.id, a.payment_id, p.number AS payment_number, a.invoice_id, i.number AS invoice_number, a.amount, a.at
     FROM allocations a JOIN payments p ON p.organisation_id = a.organisation_id AND p.id = a.payment_id
     JOIN invoices i ON i.organisation_id = a.organisation_id AND i.id = a.invoice_id WHERE a.organisation_id = $1";
const REFUND: &str = "SELECT id, payment_id, method, reference, amount, refunded_on, note FROM refunds WHERE organisation_id = $1";

fn method(text: &str) -> Result<Method, StoreError> {
    Method::parse(text).ok_or_else(|| StoreError::Broken(format!("a way of paying called {text}")))
}

impl TryFrom<PaymentRow> for Payment {
    type Error = StoreError;

    fn try_from(row: PaymentRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            member: row.member_id.map(MemberId),
            number: row.number,
            method: method(&row.method)?,
            reference: row.reference,
            body: serde_json::from_str(&row.body)?,
            amount: row.amount,
            allocated: row.allocated,
            refunded: row.refunded,
            received_on: row.received_on,
            created: Timestamp::from_millis(row.created),
        })
    }
}

impl From<AllocationRow> for Allocation {
    fn from(row: AllocationRow) -> Self {
        Self {
            id: row.id,
            payment: row.payment_id,
            payment_number: row.payment_number,
            invoice: row.invoice_id,
            invoice_number: row.invoice_number.unwrap_or_default(),
            amount: row.amount,
            at: Timestamp::from_millis(row.at),
        }
    }
}

impl TryFrom<RefundRow> for Refund {
    type Error = StoreError;

    fn try_from(row: RefundRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            payment: row.payment_id,
            method: method(&row.method)?,
            reference: row.reference,
            amount: row.amount,
            refunded_on: row.refunded_on,
            note: row.note,
        })
    }
}

async fn payment_where<C: ConnectionTrait>(
    sql: Sql<'_, C>,
    condition: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<Payment>, StoreError> {
    let row: Option<PaymentRow> = sql.one(&format!("{PAYMENT} AND {condition}"), values).await?;
    row.map(Payment::try_from).transpose()
}

async fn allocations<C: ConnectionTrait>(
    sql: Sql<'_, C>,
    organisation: Uuid,
    column: &str,
    id: Uuid,
) -> Result<Vec<Allocation>, StoreError> {
    let select = format!("{ALLOCATION} AND a.{column} = $2 ORDER BY a.id");
    Ok(sql.all::<AllocationRow>(&select, [organisation.into(), id.into()]).await?.into_iter().map(Into::into).collect())
}

impl OrganisationStore {
    pub async fn payment(&self, id: Uuid) -> Result<Option<Payment>, StoreError> {
        payment_where(self.store.read(), "id = $2", [self.id.0.into(), id.into()]).await
    }

    /// The one that is booked under this reference.
    pub async fn payment_by_reference(&self, method: &Method, reference: &str) -> Result<Option<Payment>, StoreError> {
        let values = [self.id.0.into(), method.to_string().into(), reference.into()];
        payment_where(self.store.read(), "method = $2 AND reference = $3", values).await
    }

    /// The one that this sending of a form made.
    pub async fn payment_by_token(&self, token: Uuid) -> Result<Option<Payment>, StoreError> {
        payment_where(self.store.read(), "token = $2", [self.id.0.into(), token.into()]).await
    }

    /// The latest first, from before `before`; those of which something is left where `rest` is asked for.
    pub async fn payments(
        &self,
        member: Option<MemberId>,
        words: &[String],
        rest: bool,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Payment>, StoreError> {
        let (mut sql, mut values): (String, Vec<Value>) = (PAYMENT.to_owned(), vec![self.id.0.into()]);
        let mut and = |condition: &str, value: Value| {
            values.push(value);
            sql.push_str(&format!(" AND {condition} ${}", values.len()));
        };
        if let Some(member) = member {
            and("member_id =", member.0.into());
        }
        if let Some(before) = before {
            and("id <", before.into());
        }
        for word in words {
            values.push(anywhere(word).into());
            sql.push_str(&format!(" AND search LIKE ${} ESCAPE '\\'", values.len()));
        }
        if rest {
            sql.push_str(" AND amount - allocated - refunded > 0");
        }
        sql.push_str(&format!(" ORDER BY id DESC LIMIT {limit}"));
        let rows: Vec<PaymentRow> = self.store.read().all(&sql, values).await?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    pub async fn allocations_of_invoice(&self, invoice: Uuid) -> Result<Vec<Allocation>, StoreError> {
        allocations(self.store.read(), self.id.0, "invoice_id", invoice).await
    }

    pub async fn allocations_of_payment(&self, payment: Uuid) -> Result<Vec<Allocation>, StoreError> {
        allocations(self.store.read(), self.id.0, "payment_id", payment).await
    }

    pub async fn refunds_of(&self, payment: Uuid) -> Result<Vec<Refund>, StoreError> {
        let select = format!("{REFUND} AND payment_id = $2 ORDER BY id");
        let rows: Vec<RefundRow> = self.store.read().all(&select, [self.id.0.into(), payment.into()]).await?;
        rows.into_iter().map(Refund::try_from).collect()
    }
}

impl ChangeTransaction {
    /// As it is within this transaction.
    pub async fn current_payment(&self, id: Uuid) -> Result<Option<Payment>, StoreError> {
        payment_where(self.sql(), "id = $2", [self.organisation().0.into(), id.into()]).await
    }

    /// The one that is booked under this reference of a way of paying, or by this sending of a form.
    pub async fn current_payment_of(&self, method: &Method, reference: Option<&str>, token: Uuid) -> Result<Option<Payment>, StoreError> {
        let values = [self.organisation().0.into(), token.into(), method.to_string().into(), reference.into()];
        payment_where(self.sql(), "(token = $2 OR method = $3 AND reference = $4) ORDER BY token = $2 DESC LIMIT 1", values).await
    }

    /// What was given back of a payment in one way.
    pub(crate) async fn current_refunds_by(&self, payment: Uuid, method: &Method) -> Result<i64, StoreError> {
        #[derive(FromQueryResult)]
        struct SumRow {
            amount: i64,
        }
        let sum = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount FROM refunds
             WHERE organisation_id = $1 AND payment_id = $2 AND method = $3";
        let row: Option<SumRow> = self.sql().one(sum, [self.organisation().0.into(), payment.into(), method.to_string().into()]).await?;
        Ok(row.map_or(0, |row| row.amount))
    }

    /// The invoices that a payment is used for, with their numbers and how much, the latest use first.
    pub(crate) async fn current_uses(&self, payment: Uuid) -> Result<Vec<(Uuid, String, i64)>, StoreError> {
        let mut uses: Vec<(Uuid, String, i64)> = Vec::new();
        for allocation in allocations(self.sql(), self.organisation().0, "payment_id", payment).await? {
            match uses.iter_mut().find(|(invoice, ..)| *invoice == allocation.invoice) {
                Some((.., used)) => *used += allocation.amount,
                None => uses.insert(0, (allocation.invoice, allocation.invoice_number, allocation.amount)),
            }
        }
        Ok(uses)
    }

    pub async fn current_allocations(&self, invoice: Uuid) -> Result<Vec<Allocation>, StoreError> {
        allocations(self.sql(), self.organisation().0, "invoice_id", invoice).await
    }

    /// The member's payments of which something is left, the oldest first.
    pub async fn current_rests(&self, member: MemberId) -> Result<Vec<Payment>, StoreError> {
        let select = format!("{PAYMENT} AND member_id = $2 AND amount - allocated - refunded > 0 ORDER BY id");
        let rows: Vec<PaymentRow> = self.sql().all(&select, [self.organisation().0.into(), member.0.into()]).await?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    /// Books a payment, once for each reference and for each token: whether this was the first time.
    pub async fn add_payment(&self, draft: &PaymentDraft) -> Result<bool, StoreError> {
        let insert = "INSERT INTO payments (organisation_id, id, member_id, number, year, sequence, method, reference, token, search, body,
                 amount, allocated, refunded, received_on, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, $14) ON CONFLICT DO NOTHING";
        let values: [Value; 14] = [
            self.organisation().0.into(),
            draft.id.into(),
            draft.member.map(|member| member.0).into(),
            draft.number.as_str().into(),
            i64::from(draft.year).into(),
            draft.sequence.into(),
            draft.method.to_string().into(),
            draft.reference.clone().into(),
            draft.token.into(),
            draft.search.as_str().into(),
            serde_json::to_string(&draft.body)?.into(),
            draft.amount.into(),
            draft.received_on.as_str().into(),
            self.at().as_i64().into(),
        ];
        Ok(self.sql().execute(insert, values).await? == 1)
    }

    /// Uses a part of a payment for an invoice; below zero, takes it back. More than there is is a defect of the caller's.
    pub(crate) async fn allocate(&mut self, id: Uuid, payment: Uuid, invoice: Uuid, amount: i64) -> Result<(), StoreError> {
        let organisation = self.organisation().0;
        let of_payment = "UPDATE payments SET allocated = allocated + $3
             WHERE organisation_id = $1 AND id = $2 AND allocated + $3 >= 0 AND allocated + refunded + $3 <= amount";
        let of_invoice = "UPDATE invoices SET paid = paid + $3
             WHERE organisation_id = $1 AND id = $2 AND paid + $3 >= 0 AND credited + paid + $3 <= total";
        for (update, id) in [(of_payment, payment), (of_invoice, invoice)] {
            if self.sql().execute(update, [organisation.into(), id.into(), amount.into()]).await? != 1 {
                return Err(StoreError::Broken(format!("{amount} of the payment {payment} is not there for the invoice {invoice}")));
            }
        }
        let insert = "INSERT INTO allocations (organisation_id, id, payment_id, invoice_id, amount, at) VALUES ($1, $2, $3, $4, $5, $6)";
        let values: [Value; 6] = [organisation.into(), id.into(), payment.into(), invoice.into(), amount.into(), self.at().as_i64().into()];
        self.sql().execute(insert, values).await?;
        self.touch_invoice(invoice);
        Ok(())
    }

    /// Whether this sending of a form has given something back already.
    pub async fn is_refunded_by(&self, token: Uuid) -> Result<bool, StoreError> {
        let select = format!("{REFUND} AND token = $2");
        Ok(self.sql().one::<RefundRow>(&select, [self.organisation().0.into(), token.into()]).await?.is_some())
    }

    /// Gives back a part of a payment, once for each reference and token: whether this was the first time.
    pub async fn add_refund(&self, refund: &Refund, token: Uuid) -> Result<bool, StoreError> {
        let organisation = self.organisation().0;
        let insert = "INSERT INTO refunds (organisation_id, id, payment_id, method, reference, token, amount, refunded_on, note, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
        let values: [Value; 10] = [
            organisation.into(),
            refund.id.into(),
            refund.payment.into(),
            refund.method.to_string().into(),
            refund.reference.clone().into(),
            token.into(),
            refund.amount.into(),
            refund.refunded_on.as_str().into(),
            refund.note.as_str().into(),
            self.at().as_i64().into(),
        ];
        if self.sql().execute(insert, values).await? == 0 {
            return Ok(false);
        }
        let update = "UPDATE payments SET refunded = refunded + $3
             WHERE organisation_id = $1 AND id = $2 AND allocated + refunded + $3 <= amount";
        match self.sql().execute(update, [organisation.into(), refund.payment.into(), refund.amount.into()]).await? {
            1 => Ok(true),
            _ => Err(StoreError::Broken(format!("more is refunded than the payment {} has left", refund.payment))),
        }
    }
}
