//! What happens to an import in the background: its rows are tried out, carried out some at a time, or taken back. Each step
//! is a transaction that says in the row itself what it did, so whatever ends a process in the middle, the next one goes on
//! behind the last row that was done, and none is done twice.

use super::columns::{Existing, Plan};
use super::reading::{Reader, RowProblem};
use super::{ImportState, RowState};
use crate::members::{MemberInput, next_number};
use crate::pages::Audience;
use crate::{ServiceError, Services};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tsudoi_kernel::{MemberId, Organisation};
use tsudoi_store::{AuditEntry, ChangeTransaction, Finding, ImportRecord, ImportRow, OrganisationStore, PeriodDraft};
use uuid::Uuid;

/// Rows that are tried out at a time.
const TRIED: u32 = 500;
/// Rows that are carried out, or taken back, in one transaction: others of the organisation wait so long.
const CARRIED: u32 = 100;
const DOCUMENTS: u32 = 500;

/// Kept with a row, for undoing.
#[derive(Serialize, Deserialize)]
struct Before {
    /// What the member was; none where they were not there.
    input: Option<MemberInput>,
    /// When the import changed them: later changes are somebody else's.
    updated: i64,
}

/// An import with all that its rows are read by.
struct Job {
    store: OrganisationStore,
    organisation: Organisation,
    record: ImportRecord,
    plan: Plan,
    audience: Audience,
}

impl Job {
    fn reader(&self, services: &Services) -> Reader<'_> {
        let today = services.day_of(&self.organisation.time_zone).to_string();
        Reader { plan: &self.plan, own: self.organisation.locale, audience: &self.audience, today }
    }

    /// Of rows without a number, that they get one.
    const PLACEHOLDER: &str = "0";
}

impl Services {
    /// Does what imports wait for, a step of each in turn, until none waits. Called by a background worker. Answers how many
    /// steps it took.
    pub async fn work_on_imports(&self) -> Result<u64, ServiceError> {
        let (mut steps, mut failing) = (0, BTreeSet::new());
        loop {
            let mut at_work = self.store().imports_at_work_all_organisations().await?;
            at_work.retain(|(_, id)| !failing.contains(id));
            if at_work.is_empty() {
                return Ok(steps);
            }
            for (slug, id) in at_work {
                steps += 1;
                if let Err(error) = self.step_of_import(&slug, id).await {
                    tracing::warn!(slug, import = %id, %error, "an import does not go on at the moment");
                    failing.insert(id);
                }
            }
        }
    }

    pub(super) async fn step_of_import(&self, slug: &str, id: Uuid) -> Result<(), ServiceError> {
        let Some(organisation) = self.store().organisation_by_slug_all_organisations(slug).await? else { return Ok(()) };
        let store = self.store().organisation(organisation.id);
        let Some(record) = store.import(id).await? else { return Ok(()) };
        let plan = serde_json::from_str(&record.plan)?;
        let audience = store.audience().await?;
        let job = Job { store, organisation, record, plan, audience };
        match super::state_of(&job.record.state)? {
            ImportState::Checking => self.try_out(&job).await,
            ImportState::Running => self.carry_out(&job).await,
            ImportState::Undoing => self.take_back(&job).await,
            _ => Ok(()),
        }
    }

    /// Looks at all rows, and changes nothing but what is said about them.
    async fn try_out(&self, job: &Job) -> Result<(), ServiceError> {
        let (reader, id) = (job.reader(self), job.record.id);
        let (mut after, mut is_first) = (0, true);
        // In which row each number came first.
        let mut seen: HashMap<String, u32> = HashMap::new();
        loop {
            let rows = job.store.import_rows(id, None, after, TRIED).await?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            let numbers: Vec<String> = rows.iter().filter_map(|row| reader.number(&row.cells)).collect();
            let known = job.store.members_by_numbers(&numbers).await?;
            let mut findings = Vec::with_capacity(rows.len());
            for row in &rows {
                if std::mem::take(&mut is_first) && job.plan.has_titles {
                    findings.push(Finding { number: row.number, state: "titles", problems: "[]".into(), member: None });
                    continue;
                }
                let (state, member, problems) = self.row_tried(job, &reader, row, &known, &mut seen).await?;
                findings.push(Finding { number: row.number, state: state.as_str(), problems: serde_json::to_string(&problems)?, member });
            }
            job.store.keep_findings(id, &findings).await?;
        }
        let (from, to) = (ImportState::Checking.as_str(), ImportState::Checked.as_str());
        job.store.move_import(id, &[from], to, None, self.now()).await?;
        Ok(())
    }

    async fn row_tried(
        &self,
        job: &Job,
        reader: &Reader<'_>,
        row: &ImportRow,
        known: &HashMap<String, MemberId>,
        seen: &mut HashMap<String, u32>,
    ) -> Result<(RowState, Option<MemberId>, Vec<RowProblem>), ServiceError> {
        let number = reader.number(&row.cells);
        if let Some(number) = &number
            && seen.insert(number.clone(), row.number).is_some()
        {
            let column = job.plan.columns.iter().position(|target| *target == Some(super::Target::Number));
            return Ok((RowState::Wrong, None, vec![RowProblem { column, message: "imports-number-twice".into() }]));
        }
        let Some(member) = number.as_ref().and_then(|number| known.get(number)).copied() else {
            let next = if job.plan.numbering { Job::PLACEHOLDER } else { "" };
            return Ok(match reader.entered(&row.cells, next, (self.fresh_member_id(), self.fresh_id())) {
                Ok(_) => (RowState::Adds, None, Vec::new()),
                Err(problems) => (RowState::Wrong, None, problems),
            });
        };
        if job.plan.existing == Existing::Leave {
            return Ok((RowState::Left, Some(member), Vec::new()));
        }
        let Some(record) = job.store.member(member).await? else { return Ok((RowState::Left, Some(member), Vec::new())) };
        let current = MemberInput::of(&record, job.store.contacts(member).await?);
        let before = current.read(member, reader.own, reader.audience);
        Ok(match reader.changed(&row.cells, member, current) {
            Ok(draft) if before.as_ref() == Ok(&draft) => (RowState::Left, Some(member), Vec::new()),
            Ok(_) => (RowState::Changes, Some(member), Vec::new()),
            Err(problems) => (RowState::Wrong, Some(member), problems),
        })
    }

    /// Some rows become members, in one transaction. What became of them stands in them.
    async fn carry_out(&self, job: &Job) -> Result<(), ServiceError> {
        let (reader, id) = (job.reader(self), job.record.id);
        let mut transaction = job.store.begin_change(self.now()).await?;
        if transaction.import_state(id).await?.as_deref() != Some(ImportState::Running.as_str()) {
            return Ok(transaction.roll_back().await?);
        }
        let rows = transaction.current_import_rows(id, [RowState::Adds.as_str(), RowState::Changes.as_str()], CARRIED).await?;
        if rows.is_empty() {
            transaction.roll_back().await?;
            return self.finish(job, ImportState::Running, ImportState::Done, "members-imported").await;
        }
        let today = self.day_of(&job.organisation.time_zone);
        let types = transaction.current_member_types().await?;
        let mut last = None;
        for row in &rows {
            let failed = async |transaction: &ChangeTransaction, problems: Vec<RowProblem>| -> Result<(), ServiceError> {
                let problems = serde_json::to_string(&problems)?;
                Ok(transaction.finish_import_row(id, row.number, RowState::Failed.as_str(), &problems, None, None).await?)
            };
            let number = reader.number(&row.cells);
            let known = match &number {
                Some(number) => transaction.current_member_by_number(number).await?,
                None => None,
            };
            let taken = || vec![RowProblem { column: None, message: "error-number-taken".into() }];
            match (row.state == RowState::Adds.as_str(), known) {
                (true, None) => {
                    if number.is_none() {
                        let before = match last.take() {
                            Some(last) => Some(last),
                            None => transaction.current_last_number().await?,
                        };
                        last = Some(before.map_or_else(|| "1".to_owned(), |before: String| next_number(&before)));
                    }
                    let next = last.as_deref().unwrap_or_default();
                    match reader.entered(&row.cells, next, (self.fresh_member_id(), self.fresh_id())) {
                        Ok((draft, period)) => {
                            transaction.add_member(&draft).await?;
                            let by = job.record.account;
                            transaction.add_period(draft.id, &PeriodDraft { period, note: String::new(), by }).await?;
                            transaction.refresh_standing(draft.id, today, &types).await?;
                            let before = serde_json::to_string(&Before { input: None, updated: transaction.at().as_i64() })?;
                            let state = RowState::Added.as_str();
                            transaction.finish_import_row(id, row.number, state, "[]", Some(draft.id), Some(&before)).await?;
                        }
                        Err(problems) => failed(&transaction, problems).await?,
                    }
                }
                (false, Some(member)) => {
                    let current = MemberInput::of(&member, transaction.current_contacts(member.id).await?);
                    match reader.changed(&row.cells, member.id, current.clone()) {
                        Ok(draft) => {
                            transaction.change_member(&draft).await?;
                            let before = Before { input: Some(current), updated: transaction.at().as_i64() };
                            let (before, state) = (serde_json::to_string(&before)?, RowState::Changed.as_str());
                            transaction.finish_import_row(id, row.number, state, "[]", Some(member.id), Some(&before)).await?;
                        }
                        Err(problems) => failed(&transaction, problems).await?,
                    }
                }
                // Somebody took the number meanwhile, or the member went.
                (true, Some(_)) => failed(&transaction, taken()).await?,
                (false, None) => {
                    failed(&transaction, vec![RowProblem { column: None, message: "imports-member-gone".into() }]).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Some members become what they were, or go, where nothing happened to them since.
    async fn take_back(&self, job: &Job) -> Result<(), ServiceError> {
        let linked = self.linked_members(job).await?;
        while self.take_some_back(job, &linked).await? {}
        Ok(())
    }

    /// Answers whether there are more.
    async fn take_some_back(&self, job: &Job, linked: &BTreeSet<MemberId>) -> Result<bool, ServiceError> {
        let id = job.record.id;
        let mut transaction = job.store.begin_change(self.now()).await?;
        if transaction.import_state(id).await?.as_deref() != Some(ImportState::Undoing.as_str()) {
            transaction.roll_back().await?;
            return Ok(false);
        }
        let rows = transaction.current_import_rows(id, [RowState::Added.as_str(), RowState::Changed.as_str()], CARRIED).await?;
        if rows.is_empty() {
            transaction.roll_back().await?;
            self.finish(job, ImportState::Undoing, ImportState::Undone, "import-undone").await?;
            return Ok(false);
        }
        for row in &rows {
            let before: Option<Before> = row.before.as_deref().map(serde_json::from_str).transpose()?;
            let current = match row.member {
                Some(member) => transaction.current_member(member).await?,
                None => None,
            };
            let state = match (current, before) {
                (None, _) => RowState::Undone,
                (Some(current), Some(before)) if current.updated.as_i64() == before.updated => {
                    let member = current.id;
                    match before.input.map(|input| input.read(member, job.organisation.locale, &job.audience)) {
                        None if linked.contains(&member) || transaction.member_is_used(member).await? => RowState::Kept,
                        None => {
                            transaction.erase_member(member).await?;
                            RowState::Undone
                        }
                        Some(Ok(draft)) if is_free(&transaction, &draft.number, member).await? => {
                            transaction.change_member(&draft).await?;
                            RowState::Undone
                        }
                        // Their tier, say, is no longer there.
                        Some(_) => RowState::Kept,
                    }
                }
                _ => RowState::Kept,
            };
            let member = row.member.filter(|_| state == RowState::Kept);
            transaction.finish_import_row(id, row.number, state.as_str(), "[]", member, None).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Members whom documents of plugins are about.
    async fn linked_members(&self, job: &Job) -> Result<BTreeSet<MemberId>, ServiceError> {
        let mut linked = BTreeSet::new();
        for (_, installation) in job.store.installations_of_any_state().await? {
            for (name, collection) in &installation.manifest.collections {
                let Some(link) = &collection.member else { continue };
                let mut after = None;
                loop {
                    let documents = job.store.documents_after(installation.id, name, after, DOCUMENTS).await?;
                    let Some(last) = documents.last() else { break };
                    after = Some(last.id);
                    for document in &documents {
                        let body: serde_json::Value = serde_json::from_str(&document.body)?;
                        linked.extend(body.get(&link.field).and_then(|member| member.as_str()?.parse::<MemberId>().ok()));
                    }
                }
            }
        }
        Ok(linked)
    }

    /// Notes what the import came to, and that it is over.
    async fn finish(&self, job: &Job, from: ImportState, to: ImportState, action: &str) -> Result<(), ServiceError> {
        let id = job.record.id;
        if !job.store.move_import(id, &[from.as_str()], to.as_str(), None, self.now()).await? {
            return Ok(());
        }
        let tally: BTreeMap<String, u64> = job.store.import_tally(id).await?;
        let count = |state: RowState| tally.get(state.as_str()).copied().unwrap_or_default();
        let done = match to {
            ImportState::Undone => count(RowState::Undone),
            _ => count(RowState::Added) + count(RowState::Changed),
        };
        let transaction = job.store.begin_change(self.now()).await?;
        let entry = AuditEntry {
            id: self.fresh_id(),
            by: job.record.account,
            action: action.to_owned(),
            subject: format!("import:{id}"),
            detail: format!("{} ({done})", job.record.name),
        };
        transaction.record(&entry).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Whether a number is this member's, or nobody's.
async fn is_free(transaction: &ChangeTransaction, number: &str, member: MemberId) -> Result<bool, ServiceError> {
    Ok(transaction.current_member_by_number(number).await?.is_none_or(|other| other.id == member))
}
