//! One row of a file, read as a member: what the form of a member takes, by the same rules, with what is wrong said beside
//! the column that it came from.

use super::columns::{Plan, Target};
use crate::members::{Contact, ContactKind, Joining, MemberInput, Place, PostalAddress, read_joining};
use crate::pages::{Audience, Named};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tsudoi_kernel::membership::Period;
use tsudoi_kernel::text::one_width;
use tsudoi_kernel::{Locale, MemberId, typed};
use tsudoi_store::MemberDraft;
use uuid::Uuid;

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The column, from 0, where there is one.
    pub column: Option<usize>,
    /// A message key.
    pub message: String,
}

/// What rows are read by.
pub struct Reader<'a> {
    pub plan: &'a Plan,
    pub own: Locale,
    pub audience: &'a Audience,
    /// The day of the import.
    pub today: String,
}

/// A row's cells by what they hold, with the columns that they came from.
struct Cells<'a> {
    by_target: BTreeMap<Target, Vec<(usize, &'a str)>>,
}

impl<'a> Cells<'a> {
    fn of(plan: &Plan, cells: &'a [String]) -> Self {
        let mut by_target: BTreeMap<Target, Vec<(usize, &str)>> = BTreeMap::new();
        for (column, (target, cell)) in plan.columns.iter().zip(cells).enumerate() {
            if let Some(target) = target.filter(|_| !cell.is_empty()) {
                by_target.entry(target).or_default().push((column, cell));
            }
        }
        Self { by_target }
    }

    fn all(&self, target: Target) -> &[(usize, &'a str)] {
        self.by_target.get(&target).map_or(&[], Vec::as_slice)
    }

    fn get(&self, target: Target) -> Option<&'a str> {
        self.all(target).first().map(|(_, cell)| *cell)
    }

    fn column(&self, target: Target) -> Option<usize> {
        self.all(target).first().map(|(column, _)| *column)
    }
}

/// The key of what is named so: by its name in any language, or by the key itself.
fn key_of<'a>(named: &'a [Named], text: &str) -> Option<&'a str> {
    let plain = |text: &str| one_width(text).to_lowercase().split_whitespace().collect::<String>();
    let wanted = plain(text);
    let is_so = |named: &&Named| named.key == text || named.name.0.values().any(|name| plain(name) == wanted);
    named.iter().find(is_so).map(|named| named.key.as_str())
}

impl Reader<'_> {
    /// The number that the row gives, as it is kept.
    pub fn number(&self, cells: &[String]) -> Option<String> {
        let cells = Cells::of(self.plan, cells);
        cells.get(Target::Number).map(|number| one_width(number).trim().to_owned()).filter(|number| !number.is_empty())
    }

    /// A new member. Where the row has no number, `next` is theirs.
    pub fn entered(&self, cells: &[String], next: &str, ids: (MemberId, Uuid)) -> Result<(MemberDraft, Period), Vec<RowProblem>> {
        let cells = Cells::of(self.plan, cells);
        let blank = MemberInput { number: next.to_owned(), tier: self.plan.tier.clone(), ..MemberInput::default() };
        let mut problems = Vec::new();
        let mut input = self.filled(&cells, blank, &mut problems);
        input.labels.extend(Some(self.plan.label.clone()).filter(|label| !label.is_empty()));
        let first_of = |days: &[Option<&str>]| days.iter().flatten().find(|day| !day.is_empty()).map(|day| (*day).to_owned());
        let joining = Joining {
            member_type: self.key(&cells, Target::MemberType, &mut problems).unwrap_or_else(|| self.plan.member_type.clone()),
            begins: first_of(&[cells.get(Target::Begins), Some(&self.plan.begins), cells.get(Target::JoinedOn), Some(&self.today)])
                .unwrap_or_default(),
            ends: cells.get(Target::Ends).unwrap_or_default().to_owned(),
        };
        let period = read_joining(&joining, ids.1, self.audience);
        // Where only the membership's first day is told, they joined then.
        if input.joined_on.is_empty()
            && let Ok(period) = &period
        {
            input.joined_on = period.begins.to_string();
        }
        match (input.read(ids.0, self.own, self.audience), period) {
            (Ok(draft), Ok(period)) if problems.is_empty() => Ok((draft, period)),
            (draft, period) => {
                let of_member = draft.err().into_iter().flatten().map(|(field, message)| self.problem(&cells, &field, message));
                let of_period = period.err().into_iter().flatten().map(|(field, message)| {
                    let from_joined = cells.get(Target::Begins).is_none() && field == "begins";
                    self.problem(&cells, if from_joined { "joined_on" } else { &field }, message)
                });
                for problem in of_member.chain(of_period) {
                    // A day that is wrong is said once, whatever it was wanted for.
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
                Err(problems)
            }
        }
    }

    /// A member as they are, with what the row has.
    pub fn changed(&self, cells: &[String], id: MemberId, current: MemberInput) -> Result<MemberDraft, Vec<RowProblem>> {
        let cells = Cells::of(self.plan, cells);
        let mut problems = Vec::new();
        let input = self.filled(&cells, current, &mut problems);
        match input.read(id, self.own, self.audience) {
            Ok(draft) if problems.is_empty() => Ok(draft),
            draft => {
                problems.extend(draft.err().into_iter().flatten().map(|(field, message)| self.problem(&cells, &field, message)));
                Err(problems)
            }
        }
    }

    fn key(&self, cells: &Cells<'_>, target: Target, problems: &mut Vec<RowProblem>) -> Option<String> {
        let (named, message) = match target {
            Target::MemberType => (&self.audience.types, "imports-no-type"),
            _ => (&self.audience.tiers, "imports-no-tier"),
        };
        let text = cells.get(target)?;
        let key = key_of(named, text);
        if key.is_none() {
            problems.push(RowProblem { column: cells.column(target), message: message.to_owned() });
        }
        key.map(str::to_owned)
    }

    fn filled(&self, cells: &Cells<'_>, mut input: MemberInput, problems: &mut Vec<RowProblem>) -> MemberInput {
        let put = |target: Target, place: &mut String| {
            if let Some(cell) = cells.get(target) {
                cell.clone_into(place);
            }
        };
        put(Target::Number, &mut input.number);
        put(Target::FamilyName, &mut input.family_name);
        put(Target::GivenName, &mut input.given_name);
        put(Target::FamilyKana, &mut input.family_kana);
        put(Target::GivenKana, &mut input.given_kana);
        put(Target::DisplayName, &mut input.display_name);
        put(Target::Email, &mut input.email);
        put(Target::BornOn, &mut input.born_on);
        put(Target::JoinedOn, &mut input.joined_on);
        for (target, family, given) in [
            (Target::FullName, &mut input.family_name, &mut input.given_name),
            (Target::FullKana, &mut input.family_kana, &mut input.given_kana),
        ] {
            if let Some(full) = cells.get(target) {
                let parts = typed::full_name(full);
                // In English the given name comes first.
                let in_order = self.own == Locale::Ja || target == Target::FullKana || parts.1.is_empty();
                (*family, *given) = if in_order { parts } else { given_first(full) };
            }
        }
        if cells.get(Target::Tier).is_some() {
            input.tier = self.key(cells, Target::Tier, problems).unwrap_or_default();
        }
        for (column, cell) in cells.all(Target::Labels) {
            for text in cell.split([',', '、', ';', '/', '\n']).map(str::trim).filter(|text| !text.is_empty()) {
                match key_of(&self.audience.labels, text) {
                    Some(key) => drop(input.labels.insert(key.to_owned())),
                    None => problems.push(RowProblem { column: Some(*column), message: "imports-no-label".to_owned() }),
                }
            }
        }
        let notes: Vec<&str> = cells.all(Target::Note).iter().map(|(_, cell)| *cell).collect();
        if !notes.is_empty() {
            input.note = notes.join("\n");
        }
        self.reached(cells, &mut input);
        input
    }

    /// Phones, further mail addresses and the postal address: of each kind that the row has, what it has.
    fn reached(&self, cells: &Cells<'_>, input: &mut MemberInput) {
        for (target, kind, place) in [
            (Target::Phone, ContactKind::Phone, Place::Home),
            (Target::Mobile, ContactKind::Phone, Place::Mobile),
            (Target::OtherEmail, ContactKind::Email, Place::Other),
        ] {
            let sent = cells.all(target);
            if sent.is_empty() {
                continue;
            }
            input.contacts.retain(|contact| contact.kind != kind || contact.place != place);
            input.contacts.extend(sent.iter().map(|(_, cell)| Contact { kind, place, value: (*cell).to_owned() }));
        }
        let parts = [Target::PostalCode, Target::Region, Target::Locality, Target::Street, Target::Building, Target::Country];
        if parts.iter().any(|part| cells.get(*part).is_some()) {
            if input.addresses.is_empty() {
                input.addresses.push(PostalAddress::default());
            }
            let address = &mut input.addresses[0];
            let text = |target| cells.all(target).iter().map(|(_, cell)| *cell).collect::<Vec<_>>().join(" ");
            let places = [
                &mut address.postal_code,
                &mut address.region,
                &mut address.locality,
                &mut address.street,
                &mut address.building,
                &mut address.country,
            ];
            for (target, place) in parts.into_iter().zip(places) {
                if cells.get(target).is_some() {
                    *place = text(target);
                }
            }
        }
    }

    /// What is wrong with a field of the form, at the column that the field was read from.
    fn problem(&self, cells: &Cells<'_>, field: &str, message: &str) -> RowProblem {
        let of = |targets: &[Target]| targets.iter().find_map(|target| cells.column(*target));
        let column = match field {
            "number" => of(&[Target::Number]),
            "family_name" | "given_name" => of(&[Target::FamilyName, Target::FullName, Target::GivenName]),
            "family_kana" => of(&[Target::FamilyKana, Target::FullKana]),
            "given_kana" => of(&[Target::GivenKana, Target::FullKana]),
            "display_name" => of(&[Target::DisplayName]),
            "email" => of(&[Target::Email]),
            "born_on" => of(&[Target::BornOn]),
            "joined_on" => of(&[Target::JoinedOn]),
            "begins" => of(&[Target::Begins]),
            "ends" => of(&[Target::Ends]),
            "member_type" => of(&[Target::MemberType]),
            "tier" => of(&[Target::Tier]),
            "labels" => of(&[Target::Labels]),
            "note" => of(&[Target::Note]),
            _ if field.starts_with("address-") => match field.rsplit('-').next() {
                Some("postal_code") => of(&[Target::PostalCode]),
                Some("region") => of(&[Target::Region]),
                Some("locality") => of(&[Target::Locality]),
                Some("building") => of(&[Target::Building]),
                Some("country") => of(&[Target::Country]),
                _ => of(&[Target::Street]),
            },
            _ if message == "misfit-phone" => of(&[Target::Phone, Target::Mobile]),
            _ => of(&[Target::OtherEmail]),
        };
        RowProblem { column, message: message.to_owned() }
    }
}

/// `Hanako Maria Sato`: the last word is the family name.
fn given_first(full: &str) -> (String, String) {
    let words: Vec<&str> = full.split_whitespace().collect();
    match words.split_last() {
        Some((family, given)) => ((*family).to_owned(), given.join(" ")),
        None => Default::default(),
    }
}
