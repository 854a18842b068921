//! Members from a file: read, given a plan, tried out, carried out in the background, and taken back. Nothing about members
//! changes before staff have seen what would happen, and everything that happened can be undone.

mod columns;
mod reading;
mod table;
#[cfg(test)]
mod tests;
mod work;

pub use columns::{Existing, Plan, Target};
pub use reading::RowProblem;
pub use table::{Encoding, TableError};
pub use tsudoi_store::ImportRow;

use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_kernel::{Locale, Timestamp, typed};
use tsudoi_store::ImportRecord;
use uuid::Uuid;

/// Imports in the list.
const LISTED: u32 = 50;
/// Rows on one page.
pub const LINES: u32 = 100;
/// Rows that are shown while columns are chosen.
const SAMPLES: u32 = 4;
const LONGEST_NAME: usize = 120;
/// After so many days without a change what a file said is not kept any longer, and its import can't be undone.
pub const KEPT_DAYS: i64 = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Waits for what its columns hold.
    Uploaded,
    Checking,
    /// Waits for staff to say so.
    Checked,
    Running,
    Done,
    Undoing,
    Undone,
}

impl ImportState {
    const ALL: [Self; 7] = [Self::Uploaded, Self::Checking, Self::Checked, Self::Running, Self::Done, Self::Undoing, Self::Undone];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::Checking | Self::Running | Self::Undoing)
    }
}

/// What becomes of a row, or became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowState {
    New,
    /// It would be a new member.
    Adds,
    /// It would change a member.
    Changes,
    /// A member has its number, and is to stay or is like this already.
    Left,
    Wrong,
    Added,
    Changed,
    /// It was in order when it was tried out, and was not when it was carried out.
    Failed,
    Undone,
    /// The member was used or changed since, and stays.
    Kept,
}

impl RowState {
    pub const ALL: [Self; 10] =
        [Self::New, Self::Adds, Self::Changes, Self::Left, Self::Wrong, Self::Added, Self::Changed, Self::Failed, Self::Undone, Self::Kept];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Adds => "adds",
            Self::Changes => "changes",
            Self::Left => "left",
            Self::Wrong => "wrong",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Kept => "kept",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// An import as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub id: Uuid,
    pub name: String,
    pub state: ImportState,
    pub plan: Plan,
    pub by: Option<String>,
    pub created: Timestamp,
    pub tally: BTreeMap<RowState, u64>,
}

impl Import {
    pub fn count(&self, state: RowState) -> u64 {
        self.tally.get(&state).copied().unwrap_or_default()
    }

    pub fn all(&self) -> u64 {
        self.tally.values().sum()
    }

    /// Whether it can be carried out: there is something to do, and what is wrong does not stand in the way.
    pub fn may_run(&self) -> bool {
        let does_something = self.count(RowState::Adds) + self.count(RowState::Changes) > 0;
        self.state == ImportState::Checked && does_something && (self.plan.take_the_good || self.count(RowState::Wrong) == 0)
    }
}

/// The titles of a file's columns and its first rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub titles: Vec<String>,
    pub samples: Vec<Vec<String>>,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<tsudoi_store::StoreError> for ImportError {
    fn from(error: tsudoi_store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

fn state_of(text: &str) -> Result<ImportState, ServiceError> {
    let state = ImportState::ALL.into_iter().find(|state| state.as_str() == text);
    state.ok_or_else(|| ServiceError::Broken(format!("{text} is no state of an import")))
}

/// The columns of a table are called A, B, … AA by spreadsheets.
pub fn letters(column: usize) -> String {
    let (mut rest, mut name) = (column + 1, String::new());
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        name.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    name
}

impl Services {
    pub async fn imports(&self, visit: &Visit) -> Result<Vec<Import>, ServiceError> {
        let mut imports = Vec::new();
        for record in self.of(visit).imports(LISTED).await? {
            imports.push(self.import_counted(visit, record).await?);
        }
        Ok(imports)
    }

    pub async fn import(&self, visit: &Visit, id: Uuid) -> Result<Import, ServiceError> {
        let record = self.of(visit).import(id).await?.ok_or(ServiceError::NotFound)?;
        self.import_counted(visit, record).await
    }

    async fn import_counted(&self, visit: &Visit, record: ImportRecord) -> Result<Import, ServiceError> {
        let tally = self.of(visit).import_tally(record.id).await?;
        Ok(Import {
            id: record.id,
            name: record.name,
            state: state_of(&record.state)?,
            plan: serde_json::from_str(&record.plan)?,
            by: record.by,
            created: record.created,
            tally: tally.into_iter().filter_map(|(state, count)| Some((RowState::parse(&state)?, count))).collect(),
        })
    }

    pub async fn import_columns(&self, visit: &Visit, import: &Import) -> Result<Columns, ServiceError> {
        let mut rows: Vec<Vec<String>> =
            self.of(visit).import_rows(import.id, None, 0, SAMPLES).await?.into_iter().map(|row| row.cells).collect();
        let titles = if import.plan.has_titles && !rows.is_empty() { rows.remove(0) } else { Vec::new() };
        let width = import.plan.columns.len();
        let titles = (0..width).map(|column| titles.get(column).cloned().unwrap_or_default()).collect();
        Ok(Columns { titles, samples: rows })
    }

    /// Rows after a number, in a state where one is given.
    pub async fn import_rows(&self, visit: &Visit, id: Uuid, state: Option<RowState>, after: u32) -> Result<Vec<ImportRow>, ServiceError> {
        Ok(self.of(visit).import_rows(id, state.map(RowState::as_str), after, LINES).await?)
    }

    /// What the titles say, in any language.
    fn guessed(&self, titles: &[String]) -> Vec<Option<Target>> {
        let words = |target: Target| {
            let key = format!("imports-titles-{}", target.as_str());
            Locale::ALL.into_iter().filter_map(|locale| self.parts.texts.message(locale, &key, &json!({}))).collect()
        };
        let mut taken = Vec::new();
        let mut guess = |title: &String| {
            let target = Target::guess(title, words).filter(|target| target.may_be_many() || !taken.contains(target));
            taken.extend(target);
            target
        };
        titles.iter().map(&mut guess).collect()
    }

    /// A plan for a table that nobody has looked at yet.
    fn plan_for(&self, table: &table::Table) -> Plan {
        let first = table.rows.first().map(|row| row.cells.as_slice()).unwrap_or_default();
        let guessed = self.guessed(first);
        // A first row of which nothing is known is one of members.
        let has_titles = guessed.iter().any(Option::is_some);
        let numbering = !guessed.contains(&Some(Target::Number));
        Plan {
            sheet: table.sheet.clone(),
            sheets: table.sheets.clone(),
            encoding: table.encoding.map(|encoding| encoding.as_str().to_owned()),
            has_titles,
            columns: guessed,
            numbering,
            ..Plan::default()
        }
    }
}

async fn read(
    bytes: Vec<u8>,
    how: impl FnOnce(&[u8]) -> Result<table::Table, TableError> + Send + 'static,
) -> Result<(table::Table, Vec<u8>), ImportError> {
    // A large file takes a while: not on a thread that serves others.
    let task = tokio::task::spawn_blocking(move || (how(&bytes), bytes)).await;
    let (table, bytes) = task.map_err(|error| ServiceError::Broken(error.to_string()))?;
    Ok((table?, bytes))
}

fn rows_of(table: table::Table) -> Vec<(u32, Vec<String>)> {
    table.rows.into_iter().map(|row| (row.number, row.cells)).collect()
}

impl Editor {
    /// Takes a file in, and guesses what its columns hold.
    pub async fn begin_import(&self, name: &str, bytes: Vec<u8>) -> Result<Uuid, ImportError> {
        let given = name.to_owned();
        let (table, bytes) = read(bytes, move |bytes| table::read(bytes, &given)).await?;
        let plan = self.services.plan_for(&table);
        let now = self.services.now();
        let record = ImportRecord {
            id: self.services.fresh_id(),
            name: name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect(),
            state: ImportState::Uploaded.as_str().to_owned(),
            plan: serde_json::to_string(&plan).map_err(ServiceError::from)?,
            by: None,
            account: self.by,
            created: now,
            updated: now,
        };
        self.store.add_import(&record, &bytes, &rows_of(table)).await?;
        Ok(record.id)
    }

    /// Reads the same file another way: another sheet, or another encoding.
    pub async fn reread_import(&self, visit: &Visit, id: Uuid, sheet: Option<&str>, encoding: Option<Encoding>) -> Result<(), ImportError> {
        let import = self.services.import(visit, id).await?;
        if !matches!(import.state, ImportState::Uploaded | ImportState::Checked) {
            return Err(ServiceError::Changed.into());
        }
        let bytes = self.store.import_file(id).await?.ok_or(ServiceError::Changed)?;
        let sheet = sheet.map(str::to_owned);
        let (table, _) = read(bytes, move |bytes| match (sheet, encoding) {
            (Some(sheet), _) => table::read_sheet(bytes, &sheet),
            (None, Some(encoding)) => table::read_as(bytes, encoding),
            (None, None) => table::read(bytes, ""),
        })
        .await?;
        let plan = serde_json::to_string(&self.services.plan_for(&table)).map_err(ServiceError::from)?;
        let from = [ImportState::Uploaded.as_str(), ImportState::Checked.as_str()];
        if !self.store.move_import(id, &from, ImportState::Uploaded.as_str(), Some(&plan), self.services.now()).await? {
            return Err(ServiceError::Changed.into());
        }
        self.store.replace_import_rows(id, &rows_of(table)).await?;
        Ok(())
    }

    /// Says how the file becomes members, and has it tried out. What is not in order is [`ServiceError::Invalid`]: `columns`,
    /// `begins`, `member_type`, `tier`, `label`.
    pub async fn plan_import(&self, visit: &Visit, id: Uuid, plan: &Plan) -> Result<(), ServiceError> {
        let import = self.services.import(visit, id).await?;
        if !matches!(import.state, ImportState::Uploaded | ImportState::Checked) {
            return Err(ServiceError::Changed);
        }
        let audience = self.store.audience().await?;
        let mut plan = Plan { sheet: import.plan.sheet, sheets: import.plan.sheets, encoding: import.plan.encoding, ..plan.clone() };
        plan.columns.resize(import.plan.columns.len(), None);
        let mut wrong: Vec<(String, &'static str)> = plan.objection().map(|message| ("columns".to_owned(), message)).into_iter().collect();
        match typed::date(&plan.begins) {
            Ok(day) => plan.begins = day.map(|day| day.to_string()).unwrap_or_default(),
            Err(_) => wrong.push(("begins".to_owned(), "misfit-date")),
        }
        for (field, key, named) in [
            ("member_type", &plan.member_type, &audience.types),
            ("tier", &plan.tier, &audience.tiers),
            ("label", &plan.label, &audience.labels),
        ] {
            if !key.is_empty() && !named.iter().any(|named| named.key == *key) {
                wrong.push((field.to_owned(), "misfit-choice"));
            }
        }
        if !wrong.is_empty() {
            return Err(ServiceError::Invalid(wrong));
        }
        let plan = serde_json::to_string(&plan)?;
        self.moved(id, &[ImportState::Uploaded, ImportState::Checked], ImportState::Checking, Some(&plan)).await
    }

    /// Has it carried out.
    pub async fn run_import(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        let import = self.services.import(visit, id).await?;
        if !import.may_run() {
            return Err(ServiceError::Changed);
        }
        self.moved(id, &[ImportState::Checked], ImportState::Running, None).await
    }

    /// Has it taken back.
    pub async fn undo_import(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        self.services.import(visit, id).await?;
        self.moved(id, &[ImportState::Done], ImportState::Undoing, None).await
    }

    /// Forgets a file and what became of its rows. Members stay as they are.
    pub async fn delete_import(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        self.services.import(visit, id).await?;
        let at_rest: Vec<&str> = ImportState::ALL.into_iter().filter(|state| !state.is_at_work()).map(ImportState::as_str).collect();
        if self.store.delete_import(id, &at_rest).await? { Ok(()) } else { Err(ServiceError::Changed) }
    }

    async fn moved(&self, id: Uuid, from: &[ImportState], to: ImportState, plan: Option<&str>) -> Result<(), ServiceError> {
        let from: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
        if self.store.move_import(id, &from, to.as_str(), plan, self.services.now()).await? { Ok(()) } else { Err(ServiceError::Changed) }
    }
}
