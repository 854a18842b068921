//! What a call wants besides its documents, applied in its commit.

use crate::{AuditEntry, By, ChangeTransaction, StoreError, WorkKey};
use tsudoi_kernel::effects::{Activity, Effect, MemberChange, MemberEdit};
use tsudoi_kernel::ports::Scope;

pub(super) async fn apply(transaction: &mut ChangeTransaction, scope: Scope, effect: &Effect) -> Result<(), StoreError> {
    match effect {
        Effect::RecordActivity(activity) => record_activity(transaction, scope, activity).await,
        Effect::RememberWebhook(event) => transaction.remember_webhook(event).await,
        Effect::Emit(event) => transaction.emit(Some(scope.installation), event).await,
        Effect::Enqueue(job) => transaction.enqueue(scope.installation, job).await,
        Effect::ChangeMember(change) => change_member(transaction, change).await,
        Effect::SaveFile(file) => transaction.save_plugin_file(scope, file).await,
        Effect::DeleteFile(file) => transaction.delete_plugin_file(scope, *file).await,
        Effect::Notify(notice) => transaction.notify(scope, notice).await,
        Effect::IssueInvoice(order) => {
            transaction.billing(order.id, By::Plugin(&order.plugin), order.depth).await?.issue_for_plugin(order).await
        }
        Effect::CancelInvoice(wish) => {
            transaction.billing(wish.id, By::Plugin(&wish.plugin), wish.depth).await?.cancel(wish.invoice, wish.id).await
        }
        Effect::ReportPayment(report) => transaction.hear_report(report).await,
        Effect::KeepMethod(method) => transaction.keep_method(method).await,
        Effect::Cancel { job, key } => transaction.cancel_job(scope.installation, job, key).await,
        Effect::Handled(_) | Effect::Done(_) => Ok(()),
    }
}

/// Takes away what this commit does, where it is the commit of an event's handler or of a job. `false` where it is not
/// there any more: somebody else has done it, or staff have discarded it.
pub(super) async fn finish(transaction: &mut ChangeTransaction, scope: Scope, effect: &Effect) -> Result<bool, StoreError> {
    match effect {
        Effect::Handled(event) => transaction.finish(WorkKey::delivery(*event, scope.installation)).await,
        Effect::Done(job) => transaction.finish(WorkKey::job(*job, scope.installation)).await,
        Effect::RecordActivity(_)
        | Effect::RememberWebhook(_)
        | Effect::Emit(_)
        | Effect::Enqueue(_)
        | Effect::Cancel { .. }
        | Effect::ChangeMember(_)
        | Effect::Notify(_)
        | Effect::IssueInvoice(_)
        | Effect::CancelInvoice(_)
        | Effect::ReportPayment(_)
        | Effect::KeepMethod(_)
        | Effect::SaveFile(_)
        | Effect::DeleteFile(_) => Ok(true),
    }
}

async fn change_member(transaction: &mut ChangeTransaction, change: &MemberChange) -> Result<(), StoreError> {
    let MemberChange { id, plugin, member, edit } = change;
    let what = match edit {
        MemberEdit::Tier { tier } => {
            transaction.set_member_tier(*member, Some(tier)).await?;
            tier.clone()
        }
        MemberEdit::Label { label, present } => {
            transaction.set_member_label(*member, label, *present).await?;
            format!("{}{label}", if *present { '+' } else { '-' })
        }
        MemberEdit::Value { field, value } => {
            transaction.set_member_value(*member, plugin, field, value).await?;
            field.clone()
        }
    };
    let detail = format!("{plugin}: {what}");
    let subject = format!("plugin:{plugin}:member:{member}");
    transaction.record(&AuditEntry { id: *id, by: None, action: "plugin-changed-member".into(), subject, detail }).await
}

async fn record_activity(transaction: &mut ChangeTransaction, scope: Scope, activity: &Activity) -> Result<(), StoreError> {
    transaction
        .sql()
        .execute(
            "INSERT INTO activities (organisation_id, id, member_id, installation_id, kind, summary, path, data, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                scope.organisation.0.into(),
                activity.id.into(),
                activity.member.0.into(),
                scope.installation.0.into(),
                activity.kind.as_str().into(),
                activity.summary.as_str().into(),
                activity.path.as_deref().into(),
                serde_json::to_string(&activity.data)?.into(),
                transaction.at().as_i64().into(),
            ],
        )
        .await?;
    Ok(())
}
