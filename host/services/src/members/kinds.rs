//! What members are sorted by: types of membership, tiers and labels, as staff change each list as a whole.

use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::locale::{Locale, Localised};
use tsudoi_kernel::membership::MemberType;
use tsudoi_kernel::text::one_width;
use tsudoi_store::Named;

const LONGEST_NAME: usize = 60;
const MOST: usize = 50;
const LONGEST_GRACE: u32 = 3650;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindList {
    Types,
    Tiers,
    Labels,
}

impl KindList {
    pub const ALL: [Self; 3] = [Self::Types, Self::Tiers, Self::Labels];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Types => "types",
            Self::Tiers => "tiers",
            Self::Labels => "labels",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == text)
    }
}

/// One entry as it is typed. Without names it is none, and one that was there before goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KindInput {
    /// Empty for a new one.
    pub key: String,
    /// Japanese, English.
    pub name: [String; 2],
    /// Of types only.
    pub grace_days: String,
}

/// A list with what stands in the way of removing its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds {
    pub list: KindList,
    pub entries: Vec<KindInput>,
    /// How many members, or periods, have each key.
    pub uses: BTreeMap<String, u64>,
    /// What [`Editor::save_kinds`] wants to hear again.
    pub state: String,
}

fn entry(key: &str, name: &Localised, grace_days: Option<u32>) -> KindInput {
    let name = [Locale::Ja, Locale::En].map(|locale| name.0.get(&locale).cloned().unwrap_or_default());
    KindInput { key: key.to_owned(), name, grace_days: grace_days.map(|days| days.to_string()).unwrap_or_default() }
}

impl Services {
    pub async fn kinds(&self, visit: &Visit, list: KindList) -> Result<Kinds, ServiceError> {
        let store = self.of(visit);
        let audience = store.audience().await?;
        let named = |named: &[Named]| named.iter().map(|named| entry(&named.key, &named.name, None)).collect();
        let entries: Vec<KindInput> = match list {
            KindList::Types => {
                store.member_types().await?.iter().map(|known| entry(&known.key, &known.name, Some(known.grace_days))).collect()
            }
            KindList::Tiers => named(&audience.tiers),
            KindList::Labels => named(&audience.labels),
        };
        let uses = match list {
            KindList::Types => store.count_by_type().await?,
            KindList::Tiers => store.count_by_tier().await?,
            KindList::Labels => store.count_by_label().await?,
        };
        let words: Vec<&str> =
            entries.iter().flat_map(|entry| [&entry.key, &entry.name[0], &entry.name[1], &entry.grace_days]).map(String::as_str).collect();
        let state = self.sign("kinds", &[&[list.as_str()], words.as_slice()].concat());
        Ok(Kinds { list, entries, uses, state })
    }
}

impl Editor {
    /// Makes the entries the list, in their order, where it is as it was when `seen` was. Fields are named `0-ja`, `0-en`,
    /// `0-grace`.
    pub async fn save_kinds(&self, visit: &Visit, list: KindList, seen: &str, typed: &[KindInput]) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        // Under the clock nobody else changes them.
        let now = self.services.kinds(visit, list).await?;
        if now.state != seen {
            return Err(ServiceError::Changed);
        }
        let own = visit.organisation.locale;
        let known: BTreeSet<&String> = now.entries.iter().map(|entry| &entry.key).collect();
        let (mut read, mut wrong, mut kept) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (number, entry) in typed.iter().enumerate() {
            let names = entry.name.each_ref().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
            if names.iter().all(String::is_empty) {
                if now.uses.get(&entry.key).is_some_and(|uses| *uses > 0) {
                    wrong.push((format!("{number}-{}", own.tag()), "kinds-in-use"));
                }
                continue;
            }
            for (name, tag) in names.iter().zip(["ja", "en"]) {
                if name.is_empty() && tag == own.tag() {
                    wrong.push((format!("{number}-{tag}"), "error-required"));
                } else if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
                    wrong.push((format!("{number}-{tag}"), "segments-name-too-long"));
                }
            }
            let days = one_width(&entry.grace_days).trim().to_owned();
            let grace_days = if days.is_empty() { Some(0) } else { days.parse().ok().filter(|days| *days <= LONGEST_GRACE) };
            if grace_days.is_none() && list == KindList::Types {
                wrong.push((format!("{number}-grace"), "kinds-grace-wrong"));
            }
            let key = if known.contains(&entry.key) && kept.insert(entry.key.clone()) {
                entry.key.clone()
            } else {
                // Never that of one before it: gates that still name it shall not open for another.
                format!("k-{}", &self.services.fresh_id().simple().to_string()[20..])
            };
            let [ja, en] = names;
            let name = Localised([(Locale::Ja, ja), (Locale::En, en)].into_iter().filter(|(_, name)| !name.is_empty()).collect());
            read.push(MemberType { key, name, grace_days: grace_days.unwrap_or_default() });
        }
        // One that did not come back at all was taken out by somebody who did not see it.
        let lost = now
            .entries
            .iter()
            .any(|entry| now.uses.get(&entry.key).is_some_and(|uses| *uses > 0) && !typed.iter().any(|typed| typed.key == entry.key));
        if lost {
            return Err(ServiceError::Changed);
        }
        if read.len() > MOST {
            wrong.push((format!("{MOST}-{}", own.tag()), "kinds-too-many"));
        }
        if !wrong.is_empty() {
            return Err(ServiceError::Invalid(wrong));
        }
        let named: Vec<Named> = read.iter().map(|read| Named { key: read.key.clone(), name: read.name.clone() }).collect();
        match list {
            KindList::Types => transaction.set_member_types(&read).await?,
            KindList::Tiers => transaction.set_tiers(&named).await?,
            KindList::Labels => transaction.set_labels(&named).await?,
        }
        let names: Vec<&str> = named.iter().map(|named| named.name.get(own)).collect();
        let action = match list {
            KindList::Types => "types-changed",
            KindList::Tiers => "tiers-changed",
            KindList::Labels => "labels-changed",
        };
        self.record(&transaction, action, list.as_str().to_owned(), &names.join(", ")).await?;
        transaction.commit().await?;
        if list == KindList::Types {
            // Days of grace may be others.
            self.services.turn_memberships().await?;
        }
        Ok(())
    }
}
