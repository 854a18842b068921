//! Statements that staff bring in: each line is kept once, and booked where the rules know whose it is.

use crate::gateway::{CURRENCY, is_set_up};
use crate::lines::{self, Row};
use crate::matching::{Desk, Doubt, Open, Rule, Transfer, Verdict};
use crate::model::{Fate, Import, Line};
use crate::routes::Show;
use crate::statement::table::Columns;
use crate::statement::{self, Entry, Fault, Statement, Wrong, dates};
use crate::unpaid::{self, Unpaid};
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_plugin::invoices::Invoice;
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Id, Money, Reply, Request, Routes, View, context, invoices};

/// Lines that one call keeps: with a payment for each, what it may write.
const MOST_NEW: usize = 400;

/// Imports that the form shows.
const LATEST: u32 = 10;

/// Columns of a table are counted up to this.
const MOST_COLUMNS: usize = 100;

/// The form, with what was imported lately.
pub fn form() -> Result<Reply, Failure> {
    let latest = Import::LATEST.query().descending().limit(LATEST).page()?.documents;
    let accounts: Vec<String> = context::setting("accounts")?;
    let data = json!({ "here": "imports", "latest": latest, "accounts": accounts, "is_set_up": is_set_up()? });
    Ok(View::new("admin-imports.html", &data)?.titled(context::translate("admin-title")).into())
}

pub fn import(request: &Request) -> Result<Reply, Failure> {
    if context::organisation()?.currency != CURRENCY {
        return Err(Failure::conflict("yen-only"));
    }
    let statement = read(request)?;
    let identified = statement.identified();
    let ids: Vec<Id> = identified.iter().map(|(id, _)| id.clone()).collect();
    let known = Line::COLLECTION.get_many(&ids)?;
    let new: Vec<(Id, &Entry)> = identified.into_iter().zip(known).filter(|(_, known)| known.is_none()).map(|(line, _)| line).collect();
    if new.len() > MOST_NEW {
        return Err(refused(Wrong::TooMany.at(MOST_NEW)));
    }
    let import = context::new_id();
    let booked = keep(&import, &new)?;
    let record = Import {
        at: context::now(),
        format: statement.format.key().to_owned(),
        lines: statement.entries.len(),
        new: new.len(),
        booked,
        waiting: new.len() - booked,
    };
    Import::COLLECTION.put(&import, &record)?;
    Ok(Reply::redirect(Show::Imported { import }.path()))
}

fn read(request: &Request) -> Result<Statement, Failure> {
    let mut errors = FieldErrors::default();
    let columns = Columns {
        date: column(request, "date_column", &mut errors),
        amount: column(request, "amount_column", &mut errors),
        payer: column(request, "payer_column", &mut errors),
    };
    let accounts: Vec<String> = context::setting("accounts")?;
    let account = request.field("account");
    if !accounts.is_empty() && !accounts.iter().any(|known| known == account) {
        errors.add("account", "account-missing");
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let account = if accounts.is_empty() { "" } else { account };
    let today = context::today();
    let today = dates::parse(&today).ok_or_else(|| Error::new(Error::MALFORMED, format!("today is {today}")))?;
    statement::read(&request.text("statement"), account, columns, today).map_err(refused)
}

fn column(request: &Request, field: &str, errors: &mut FieldErrors) -> Option<usize> {
    let text = request.field(field);
    let column = text.parse().ok().filter(|column| (1..=MOST_COLUMNS).contains(column));
    if column.is_none() && !text.is_empty() {
        errors.add(field, "column-malformed");
    }
    column
}

/// Nothing is kept, and staff are told which line is wrong.
fn refused(fault: Fault) -> Failure {
    let message = context::translate_with(fault.what.key(), &json!({ "line": fault.line }));
    FieldErrors::one("statement", &message).into()
}

/// Keeps the lines and books those whose payer is known; answers how many these are.
fn keep(import: &Id, new: &[(Id, &Entry)]) -> Result<usize, Failure> {
    let transfers: Vec<Transfer> = new.iter().map(|(_, entry)| Transfer::new(entry.amount, &entry.payer, entry.cancels)).collect();
    let mut ledger = Ledger::load(&transfers)?;
    let mut verdicts = vec![Verdict::Doubt(Doubt::Nobody); new.len()];
    // Whoever wrote the number comes before whoever has the name alone: so it does not matter which of them stands first.
    let (with, without): (Vec<usize>, Vec<usize>) = (0..new.len()).partition(|at| !transfers[*at].codes.is_empty());
    for at in with.into_iter().chain(without) {
        verdicts[at] = ledger.desk.judge(&transfers[at]);
    }
    let mut booked = 0;
    for (place, ((id, entry), verdict)) in new.iter().zip(verdicts).enumerate() {
        let fate = match verdict {
            Verdict::Doubt(doubt) => Fate::Waiting { doubt },
            Verdict::Book(invoice, by) => {
                booked += 1;
                ledger.booked(&invoice, by)?
            }
        };
        let line = Line {
            account: entry.account.clone(),
            date: entry.date.to_string(),
            amount: entry.amount,
            payer: Some(entry.payer.clone()),
            note: Some(entry.note.clone()),
            cancels: entry.cancels,
            import: import.clone(),
            place: u32::try_from(place).unwrap_or(u32::MAX),
            taken_back: 0,
            fate,
        };
        if let Fate::Booked { invoice, .. } = &line.fate {
            payments::report(invoice, &line.reference(id), Money::new(line.amount, CURRENCY), Outcome::Paid)?;
        }
        Line::COLLECTION.put(id, &line)?;
    }
    Ok(booked)
}

/// What is to be paid, for one import.
struct Ledger {
    desk: Desk,
    invoices: BTreeMap<Id, Invoice>,
}

impl Ledger {
    fn load(transfers: &[Transfer]) -> Result<Self, Failure> {
        let unpaid = Unpaid::load()?;
        let by_code = unpaid::by_code(transfers)?;
        let mut open: Vec<Open> = unpaid.all.iter().map(unpaid::open).collect();
        let mut invoices: BTreeMap<Id, Invoice> = unpaid.all.into_iter().map(|one| (one.invoice.id.clone(), one.invoice)).collect();
        if !unpaid.is_complete {
            // Those that are named by their number are looked at wherever they stand.
            for id in by_code.values() {
                if let Some(invoice) = invoices::get(id)?.filter(|invoice| invoice.open > 0 && !invoices.contains_key(id)) {
                    open.push(Open { invoice: id.clone(), amount: invoice.open, names: Vec::new() });
                    invoices.insert(id.clone(), invoice);
                }
            }
        }
        Ok(Self { desk: Desk::new(open, by_code, unpaid.is_complete), invoices })
    }

    fn booked(&mut self, id: &Id, by: Rule) -> Result<Fate, Failure> {
        let invoice = self.invoices.get(id).ok_or(Failure::NotFound)?;
        Ok(Fate::Booked { invoice: id.clone(), number: invoice.number.clone(), by, member: invoice.member.clone() })
    }
}

/// What came of an import, with the lines that were new.
pub fn result(request: &Request, import: &Id) -> Result<Reply, Failure> {
    let record: Document<Import> = Import::COLLECTION.require(import)?;
    let page = Line::OF_IMPORT.equal(import).limit(lines::PER_PAGE).cursor(request.query("cursor")).page();
    let page = page.map_err(|error| lines::unless_cursor(request, error))?;
    let rows: Vec<Row<'_>> = page.documents.iter().map(Row::of).collect();
    let known = record.body.lines - record.body.new.min(record.body.lines);
    let data = json!({ "here": "imports", "import": record, "known": known, "lines": rows, "next": page.next });
    Ok(View::new("admin-imported.html", &data)?.titled(context::translate("admin-title")).into())
}
