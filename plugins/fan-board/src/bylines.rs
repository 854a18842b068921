//! The names beside posts: as members call themselves now, fetched for a whole page at once.

use crate::model::Author;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_plugin::{Error, Id, context, members};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Byline {
    pub name: String,
    /// A person of the staff; the office itself goes by its name alone.
    pub office: bool,
}

/// Names by member.
#[derive(Debug, Default)]
pub struct Bylines(BTreeMap<Id, String>);

impl Bylines {
    pub fn of<'a>(authors: impl Iterator<Item = &'a Author>) -> Result<Self, Error> {
        let ids: BTreeSet<&Id> = authors.filter_map(|author| author.author.as_ref()).collect();
        let ids: Vec<Id> = ids.into_iter().cloned().collect();
        let found = members::get(&ids)?.into_iter().flatten();
        Ok(Self(found.filter_map(|member| Some((member.id, member.display_name?))).collect()))
    }

    pub fn byline(&self, author: &Author) -> Byline {
        match self.name(author) {
            Some(name) => Byline { name: name.to_owned(), office: author.office },
            None => Byline { name: context::translate(if author.office { "office" } else { "former-member" }), office: false },
        }
    }

    fn name<'a>(&'a self, author: &'a Author) -> Option<&'a str> {
        let now = author.author.as_ref().and_then(|id| self.0.get(id));
        now.or(author.author_name.as_ref()).map(String::as_str).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(name: &str) -> Author {
        let id = Id::parse("01890a5d-ac96-774b-bcce-b302099a8057").ok();
        Author { author: id, author_name: Some(name.to_owned()), office: false }
    }

    #[test]
    fn a_member_goes_by_the_name_of_today() {
        let author = author("はな");
        let bylines = Bylines(author.author.iter().map(|id| (id.clone(), "花子".to_owned())).collect());
        assert_eq!(bylines.name(&author), Some("花子"));
    }

    #[test]
    fn a_member_who_left_goes_by_the_name_of_then() {
        assert_eq!(Bylines::default().name(&author("はな")), Some("はな"));
        assert_eq!(Bylines::default().name(&author("")), None);
    }
}
