//! What the columns of a file hold, and the plan that staff make of it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tsudoi_kernel::text::one_width;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    Number,
    FullName,
    FamilyName,
    GivenName,
    FullKana,
    FamilyKana,
    GivenKana,
    DisplayName,
    Email,
    OtherEmail,
    Phone,
    Mobile,
    PostalCode,
    Region,
    Locality,
    Street,
    Building,
    Country,
    BornOn,
    JoinedOn,
    MemberType,
    Begins,
    Ends,
    Tier,
    Labels,
    Note,
}

impl Target {
    pub const ALL: [Self; 26] = [
        Self::Number,
        Self::FullName,
        Self::FamilyName,
        Self::GivenName,
        Self::FullKana,
        Self::FamilyKana,
        Self::GivenKana,
        Self::DisplayName,
        Self::Email,
        Self::OtherEmail,
        Self::Phone,
        Self::Mobile,
        Self::PostalCode,
        Self::Region,
        Self::Locality,
        Self::Street,
        Self::Building,
        Self::Country,
        Self::BornOn,
        Self::JoinedOn,
        Self::MemberType,
        Self::Begins,
        Self::Ends,
        Self::Tier,
        Self::Labels,
        Self::Note,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::FullName => "full-name",
            Self::FamilyName => "family-name",
            Self::GivenName => "given-name",
            Self::FullKana => "full-kana",
            Self::FamilyKana => "family-kana",
            Self::GivenKana => "given-kana",
            Self::DisplayName => "display-name",
            Self::Email => "email",
            Self::OtherEmail => "other-email",
            Self::Phone => "phone",
            Self::Mobile => "mobile",
            Self::PostalCode => "postal-code",
            Self::Region => "region",
            Self::Locality => "locality",
            Self::Street => "street",
            Self::Building => "building",
            Self::Country => "country",
            Self::BornOn => "born-on",
            Self::JoinedOn => "joined-on",
            Self::MemberType => "member-type",
            Self::Begins => "begins",
            Self::Ends => "ends",
            Self::Tier => "tier",
            Self::Labels => "labels",
            Self::Note => "note",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == text)
    }

    /// Whether several columns may hold it: their cells are put together.
    pub const fn may_be_many(self) -> bool {
        matches!(self, Self::OtherEmail | Self::Phone | Self::Mobile | Self::Street | Self::Labels | Self::Note)
    }

    /// What the title of a column says about it. `words` has the titles that people use for each target, one line each, with
    /// commas between them.
    pub fn guess(title: &str, words: impl Fn(Self) -> Vec<String>) -> Option<Self> {
        let title = plain(title);
        let is_named = |target: &Self| words(*target).iter().flat_map(|line| line.split([',', '、'])).any(|word| plain(word) == title);
        if title.is_empty() { None } else { Self::ALL.into_iter().find(is_named) }
    }
}

/// A title without what differs between files: width, case, white space, brackets and signs.
fn plain(title: &str) -> String {
    one_width(title).to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '〒').collect()
}

/// What becomes of a row whose number a member has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Existing {
    /// The member stays as they are.
    #[default]
    Leave,
    /// What the row has takes the place of what the member has; empty cells change nothing.
    Change,
}

/// How a file becomes members.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Plan {
    /// Of a spreadsheet, which sheet was read.
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    /// Of a text, how it was read.
    pub encoding: Option<String>,
    /// The first row names the columns.
    pub has_titles: bool,
    /// For each column what it holds, where that is wanted.
    pub columns: Vec<Option<Target>>,
    pub existing: Existing,
    /// Rows without a number get the next ones.
    pub numbering: bool,
    /// The rows that are in order are taken where others are not.
    pub take_the_good: bool,
    /// For members whose row does not say.
    pub member_type: String,
    pub tier: String,
    /// A label's key, for all of them.
    pub label: String,
    /// The first day of their membership; else the day on which they joined, else the day of the import.
    pub begins: String,
}

impl Plan {
    /// The message for what is missing, or chosen twice.
    pub fn objection(&self) -> Option<&'static str> {
        let chosen: Vec<Target> = self.columns.iter().flatten().copied().collect();
        let has = |wanted: &[Target]| wanted.iter().any(|target| chosen.contains(target));
        let mut once = BTreeSet::new();
        if chosen.iter().any(|target| !target.may_be_many() && !once.insert(*target)) {
            return Some("imports-chosen-twice");
        }
        if !has(&[Target::FullName, Target::FamilyName, Target::GivenName, Target::DisplayName]) {
            // Members who are there already have names.
            let changes_only = self.existing == Existing::Change && has(&[Target::Number]);
            return (!changes_only).then_some("imports-no-name");
        }
        (!has(&[Target::Number]) && !self.numbering).then_some("imports-no-number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_known_in_whatever_spelling() {
        let words = |target| match target {
            Target::Number => vec!["会員番号,No,会員ID".to_owned(), "number,member number".to_owned()],
            Target::FullKana => vec!["フリガナ,氏名(カナ)".to_owned()],
            _ => Vec::new(),
        };
        for (title, expected) in [
            ("会員番号", Some(Target::Number)),
            (" 会員　番号 ", Some(Target::Number)),
            ("Ｎｏ．", Some(Target::Number)),
            ("Member Number", Some(Target::Number)),
            ("氏名（カナ）", Some(Target::FullKana)),
            ("ﾌﾘｶﾞﾅ", Some(Target::FullKana)),
            ("備考", None),
            ("", None),
            ("()", None),
        ] {
            assert_eq!(Target::guess(title, words), expected, "{title}");
        }
    }

    #[test]
    fn a_plan_needs_names_and_numbers_each_once() {
        let plan = |columns: &[Target]| Plan { columns: columns.iter().copied().map(Some).collect(), ..Plan::default() };
        assert_eq!(plan(&[Target::FullName]).objection(), Some("imports-no-number"));
        assert_eq!(Plan { numbering: true, ..plan(&[Target::FullName]) }.objection(), None);
        assert_eq!(plan(&[Target::Number, Target::Email]).objection(), Some("imports-no-name"));
        assert_eq!(Plan { existing: Existing::Change, ..plan(&[Target::Number, Target::Email]) }.objection(), None);
        assert_eq!(plan(&[Target::Number, Target::FullName, Target::Phone, Target::Phone]).objection(), None);
        assert_eq!(plan(&[Target::Number, Target::FullName, Target::Email, Target::Email]).objection(), Some("imports-chosen-twice"));
    }
}
