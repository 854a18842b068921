//! Who is looking, as far as events need it. Nothing is asked before it matters: a page that is the same for all visitors is kept once
//! for all of them.

use crate::model::{Event, EventState};
use tsudoi_plugin::{Failure, Id, Visitor, VisitorKind, context};

#[derive(Debug, Clone, Copy)]
pub struct Asker {
    visitor: Visitor,
    kind: VisitorKind,
}

impl Asker {
    pub fn of_call() -> Self {
        let visitor = context::visitor();
        Self { visitor, kind: visitor.kind() }
    }

    /// Staff with one of the manifest's permissions.
    pub fn may(self, permission: &str) -> bool {
        self.kind == VisitorKind::Staff && self.visitor.may(permission)
    }

    /// For pages of the site that are for staff with a permission.
    pub fn must(self, permission: &str) -> Result<(), Failure> {
        if self.may(permission) { Ok(()) } else { Err(Failure::Forbidden) }
    }

    pub fn is_staff(self) -> bool {
        self.kind == VisitorKind::Staff
    }

    pub fn is_signed_in(self) -> bool {
        matches!(self.kind, VisitorKind::Member | VisitorKind::Staff)
    }

    /// The member, where the visitor is one; staff can be.
    pub fn member(self) -> Option<Id> {
        if self.is_signed_in() { self.visitor.member() } else { None }
    }

    pub fn tier(self) -> Option<String> {
        self.visitor.tier()
    }

    /// Whether the event is one for them to register for.
    pub fn is_invited(self, event: &Event) -> bool {
        self.is_signed_in() && self.visitor.may_enter(&event.gate)
    }

    pub fn may_see(self, event: &Event) -> bool {
        match event.state {
            EventState::Draft => self.is_staff(),
            EventState::Published | EventState::CalledOff => event.is_public || self.is_invited(event),
        }
    }

    /// A draft is there for staff only; who is not invited to what is announced learns that there is something.
    pub fn enter(self, event: &Event) -> Result<(), Failure> {
        match event.state {
            _ if self.may_see(event) => Ok(()),
            EventState::Draft => Err(Failure::NotFound),
            EventState::Published | EventState::CalledOff => Err(Failure::Forbidden),
        }
    }
}
