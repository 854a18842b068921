//! What a call asks about the visitor, and the answers: the one place for both, since the answers are part of the key
//! that an answer of the plugin is kept under.

use crate::cache::Fingerprint;
use tsudoi_kernel::calls::CallContext;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::{Gate, MemberId, Permission, Visitor};

/// A call that asks more than this has its answer kept for nobody.
const MOST: usize = 64;

/// One question. `Locale` is about the visitor too: it is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Locale,
    Kind,
    Member,
    Tier,
    Label(String),
    May(String),
    /// Of what is no gate: `None`.
    Enters(Option<Gate>),
}

/// The questions of one call, each once, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    asked: Vec<Fact>,
    too_many: bool,
}

impl Facts {
    pub fn add(&mut self, fact: Fact) {
        if self.asked.contains(&fact) {
            return;
        }
        if self.asked.len() < MOST {
            self.asked.push(fact);
        } else {
            self.too_many = true;
        }
    }

    pub fn asked(&self) -> &[Fact] {
        &self.asked
    }

    /// Whether it was asked which member is looking, or too much to tell.
    pub fn are_of_member(&self) -> bool {
        self.too_many || self.asked.contains(&Fact::Member)
    }

    /// `None` where there were too many to tell visitors apart by.
    pub fn all(self) -> Option<Vec<Fact>> {
        (!self.too_many).then_some(self.asked)
    }
}

impl Fact {
    /// Whether it is about the visitor's records, and not just about how they look at the site.
    pub fn is_of_records(&self) -> bool {
        *self != Self::Locale
    }

    /// For a gate that names segments: what plugins' rules read to say whether the visitor's member is in them.
    pub fn segment_reads<'a>(&'a self, visitor: &'a Visitor) -> impl Iterator<Item = (&'a Read, u64)> {
        let named = if let Self::Enters(Some(Gate::Segments { segments })) = self { Some(segments) } else { None };
        named.into_iter().flat_map(|segments| visitor.segments.reads(segments))
    }

    /// Puts question and answer into a key.
    pub fn add_to(&self, context: &CallContext, key: &mut Fingerprint) {
        let visitor = &context.visitor;
        match self {
            Self::Locale => key.text("locale").text(context.locale.tag()),
            Self::Kind => key.text("kind").text(visitor.kind()),
            Self::Member => {
                let id = member(visitor).map(|id| id.0);
                key.text("member").bytes(id.as_ref().map_or(&[], |id| id.as_bytes().as_slice()))
            }
            Self::Tier => key.text("tier").flag(tier(visitor).is_some()).text(tier(visitor).unwrap_or_default()),
            Self::Label(label) => key.text("label").text(label).flag(has_label(visitor, label)),
            Self::May(permission) => key.text("may").text(permission).flag(may(context, permission)),
            Self::Enters(gate) => {
                let (kind, names) = match gate {
                    None => ("none", None),
                    Some(Gate::Everyone) => ("everyone", None),
                    Some(Gate::Members) => ("members", None),
                    Some(Gate::Staff) => ("staff", None),
                    Some(Gate::Tiers { tiers }) => ("tiers", Some(tiers)),
                    Some(Gate::Labels { labels }) => ("labels", Some(labels)),
                    Some(Gate::Segments { segments }) => ("segments", Some(segments)),
                };
                key.text("enters").text(kind).number(names.map_or(0, |names| names.len() as u64));
                for name in names.into_iter().flatten() {
                    key.text(name);
                }
                key.flag(enters(visitor, gate.as_ref()))
            }
        };
    }
}

pub fn member(visitor: &Visitor) -> Option<MemberId> {
    visitor.member.as_ref().map(|member| member.id)
}

pub fn tier(visitor: &Visitor) -> Option<&str> {
    visitor.member.as_ref().and_then(|member| member.tier.as_deref())
}

pub fn has_label(visitor: &Visitor, label: &str) -> bool {
    visitor.member.as_ref().is_some_and(|member| member.labels.contains(label))
}

/// The plugin's own staff permissions only: the host's are no business of a plugin.
pub fn may(context: &CallContext, permission: &str) -> bool {
    let manifest = &context.installation.manifest;
    let declared = manifest.staff_permissions.iter().any(|declared| declared.name == permission);
    declared && context.visitor.may(Permission::of_plugin(&manifest.id, permission).as_str())
}

pub fn enters(visitor: &Visitor, gate: Option<&Gate>) -> bool {
    gate.is_some_and(|gate| gate.admits(visitor))
}

/// What everything about a visitor is known from: the member's record, and what staff may do.
pub fn records(visitor: &Visitor) -> impl Iterator<Item = Read> {
    let member = visitor.member.as_ref().map(|member| Read::Member(member.id));
    let staff = visitor.staff.as_ref().map(|staff| Read::Fact(format!("staff:{}", staff.account)));
    member.into_iter().chain(staff)
}

/// What these answers about a visitor depend on.
pub fn reads_of(visitor: &Visitor, facts: &[Fact]) -> Vec<Read> {
    if !facts.iter().any(Fact::is_of_records) {
        return Vec::new();
    }
    let of_segments = facts.iter().flat_map(|fact| fact.segment_reads(visitor)).map(|(read, _)| read.clone());
    records(visitor).chain(of_segments).collect()
}
