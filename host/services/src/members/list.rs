//! Members as staff find and see them.

use super::AddedValue;
use crate::accounts::{TimelineLine, name_in_order};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::BTreeMap;
use tsudoi_kernel::contact::{self, Contacts};
use tsudoi_kernel::membership::MembershipStatus;
use tsudoi_kernel::text::katakana;
use tsudoi_kernel::{MemberId, Timestamp};
use tsudoi_store::{Member, PeriodEntry, SearchWord};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// Members of one page of the list.
const LINES: u32 = 50;
const TIMELINE: u32 = 100;
const MOST_WORDS: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberLine {
    pub id: MemberId,
    pub number: String,
    /// In the organisation's order; the name that others see where there is no other.
    pub name: String,
    pub display_name: String,
    pub email: String,
    /// The tier's name.
    pub tier: String,
    /// The name of the type of membership.
    pub member_type: String,
    pub status: MembershipStatus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberList {
    pub members: Vec<MemberLine>,
    /// The number after which the next page begins, where there is one.
    pub next: Option<String>,
    /// How many the organisation has of each status.
    pub counts: BTreeMap<MembershipStatus, u64>,
}

/// An answer to a form, beside the member whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FormAnswer {
    pub id: Uuid,
    pub form: Uuid,
    /// The form's.
    pub name: String,
    pub at: Timestamp,
}

/// Everything that staff see of one member.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberFile {
    pub member: Member,
    pub name: String,
    /// Names.
    pub member_type: String,
    pub tier: String,
    /// Names.
    pub labels: Vec<String>,
    /// Names of the segments that the member is in.
    pub segments: Vec<String>,
    pub contacts: Contacts,
    /// All that were ever entered, the latest first.
    pub periods: Vec<PeriodEntry>,
    /// By plugin and field.
    pub values: Vec<AddedValue>,
    /// What they answered to forms, or became a member by.
    pub answers: Vec<FormAnswer>,
    /// What plugins wrote down, the newest first.
    pub timeline: Vec<TimelineLine>,
}

/// What was typed, as it is looked for: without regard to width, case and kind of kana.
fn words(typed: &str) -> Vec<SearchWord> {
    let folded: String = typed.nfkc().collect::<String>().to_lowercase();
    let digits = |text: &str| {
        let is_part_of_phone = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '(' | ')' | '.'));
        if is_part_of_phone { contact::digits(text) } else { String::new() }
    };
    let word = |text: &str| SearchWord { text: text.to_owned(), kana: katakana(text), digits: digits(text) };
    folded.split_whitespace().take(MOST_WORDS).map(word).collect()
}

impl Services {
    /// Members in whose number, names, reading, addresses or phone numbers all that was typed stands, by number; of one status
    /// where one is given.
    pub async fn member_list(
        &self,
        visit: &Visit,
        typed: &str,
        status: Option<MembershipStatus>,
        after: &str,
    ) -> Result<MemberList, ServiceError> {
        let store = self.of(visit);
        let mut members = store.listed_members(&words(typed), status, after, LINES + 1).await?;
        let more = members.len() > LINES as usize;
        members.truncate(LINES as usize);
        let next = members.last().filter(|_| more).map(|member| member.number.clone());
        let audience = store.audience().await?;
        let line = |member: tsudoi_store::ListedMember| MemberLine {
            id: member.id,
            name: name_in_order(visit.organisation.locale, &member.family_name, &member.given_name)
                .unwrap_or_else(|| member.display_name.clone()),
            number: member.number,
            display_name: member.display_name,
            email: member.email.unwrap_or_default(),
            tier: member.tier.map(|tier| audience.tier(&tier, visit.locale).to_owned()).unwrap_or_default(),
            member_type: member.member_type.map(|key| audience.member_type(&key, visit.locale).to_owned()).unwrap_or_default(),
            status: member.status,
        };
        Ok(MemberList { members: members.into_iter().map(line).collect(), next, counts: store.count_members().await? })
    }

    pub async fn member_file(&self, visit: &Visit, id: MemberId) -> Result<MemberFile, ServiceError> {
        let store = self.of(visit);
        let member = store.member(id).await?.ok_or(ServiceError::NotFound)?;
        let facts = store.member_facts(id).await?.ok_or(ServiceError::NotFound)?;
        let audience = store.audience().await?;
        let found = self.segments_of(visit, &facts).await?;
        let mut answers = Vec::new();
        for answer in store.answers_of_member(id).await? {
            let Some(form) = store.form(answer.form).await? else { continue };
            let name = form.form.name.get(visit.locale).to_owned();
            answers.push(FormAnswer { id: answer.id, form: form.id, name, at: answer.created });
        }
        Ok(MemberFile {
            name: name_in_order(visit.organisation.locale, &member.family_name, &member.given_name)
                .unwrap_or_else(|| member.display_name.clone()),
            tier: member.tier.as_ref().map(|tier| audience.tier(tier, visit.locale).to_owned()).unwrap_or_default(),
            labels: member.labels.iter().map(|label| audience.label(label, visit.locale).to_owned()).collect(),
            segments: found.keys().map(|key| audience.segment(key, visit.locale).to_owned()).collect(),
            member_type: member.member_type.as_ref().map(|key| audience.member_type(key, visit.locale).to_owned()).unwrap_or_default(),
            contacts: store.contacts(id).await?,
            periods: store.period_entries(id).await?,
            values: self.values_of(visit, id).await?,
            answers,
            timeline: self.timeline_of(visit, id, TIMELINE).await?,
            member,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::members::{MemberDraft, MembershipStatus};
    use crate::testing::services_on_each;

    #[tokio::test]
    async fn a_member_is_found_by_any_of_their_names_however_it_is_typed() {
        for house in services_on_each().await {
            let draft = |number: &str, names: [&str; 4], display: &str, email: Option<&str>| MemberDraft {
                family_name: names[0].into(),
                given_name: names[1].into(),
                family_kana: names[2].into(),
                given_kana: names[3].into(),
                display_name: display.into(),
                email: email.map(|email| email.parse().unwrap()),
                ..MemberDraft::new(house.fresh_member_id(), number)
            };
            let drafts = [
                draft("H-0001", ["佐藤", "花子", "サトウ", "ハナコ"], "はな", Some("hanako@example.jp")),
                draft("H-0002", ["斉藤", "花", "サイトウ", "ハナ"], "Hana_100%", None),
                draft("H-0003", ["", "", "", ""], "みお", None),
            ];
            house.add_members(house.organisation.id, &drafts).await.unwrap();
            let visit = house.anonymous().await;
            let found = async |typed: &str| -> Vec<String> {
                house.member_list(&visit, typed, None, "").await.unwrap().members.into_iter().map(|member| member.number).collect()
            };
            assert_eq!(found("").await, ["H-0001", "H-0002", "H-0003"], "{}", house.database.name);
            for typed in ["佐藤", "佐藤　花子", "佐藤花子", "さとう", "ｻﾄｳ", "Ｈ－０００１", "h-0001", "HANAKO@", "はな さとう"]
            {
                assert_eq!(found(typed).await, ["H-0001"], "{typed}");
            }
            assert_eq!(found("はな").await, ["H-0001", "H-0002"]);
            assert_eq!(found("_100%").await, ["H-0002"], "no character stands for others");
            assert_eq!(found("山田").await, Vec::<String>::new());
            let page = house.member_list(&visit, "", None, "H-0001").await.unwrap();
            assert_eq!((page.members[0].number.as_str(), page.next, page.counts[&MembershipStatus::Current]), ("H-0002", None, 3));
            assert_eq!(page.members[1].name, "みお");
        }
    }
}
