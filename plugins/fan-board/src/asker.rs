//! Who is looking, as far as the board needs it. Nothing is asked before it matters: a page of an open board is the
//! same for everybody who is not signed in, and the host keeps it once for all of them.

use crate::model::{Author, Board};
use tsudoi_plugin::{Failure, Id, Visitor, VisitorKind, context, members};

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

    pub fn is_signed_in(self) -> bool {
        matches!(self.kind, VisitorKind::Member | VisitorKind::Staff)
    }

    pub fn moderates(self) -> bool {
        self.kind == VisitorKind::Staff && self.visitor.may("moderate")
    }

    /// The member, where the visitor is one; staff can be.
    pub fn member(self) -> Option<Id> {
        if self.is_signed_in() { self.visitor.member() } else { None }
    }

    pub fn may_enter(self, board: &Board) -> bool {
        self.visitor.may_enter(&board.gate)
    }

    /// Past the gate, or the host's page that says who may enter.
    pub fn enter(self, board: &Board) -> Result<(), Failure> {
        if self.may_enter(board) { Ok(()) } else { Err(Failure::Forbidden) }
    }

    pub fn may_write_in(self, board: &Board) -> bool {
        self.is_signed_in() && (!board.closed || self.moderates())
    }

    /// In whose name the visitor writes: a member's own, or that of the office for staff who are no members.
    pub fn as_author(self) -> Result<Author, Failure> {
        let office = self.kind == VisitorKind::Staff;
        match self.member() {
            Some(member) => {
                let name = name_of(&member)?;
                Ok(Author { author: Some(member), author_name: name, office })
            }
            None if office => Ok(Author { office, ..Author::default() }),
            None => Err(Failure::Forbidden),
        }
    }
}

pub fn name_of(member: &Id) -> Result<Option<String>, Failure> {
    let found = members::get(std::slice::from_ref(member))?;
    Ok(found.into_iter().flatten().next().and_then(|member| member.display_name))
}
