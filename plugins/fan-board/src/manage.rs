//! The moderators' pages about boards: making, changing, ordering and removing them.

use crate::boards::{self, MOST_BOARDS};
use crate::model::{BOARDS, Board, TALLIES, Thread};
use crate::{paths, words};
use serde::Serialize;
use tsudoi_plugin::{Document, Error, Failure, FieldErrors, Gate, Id, Reply, Request, View, context};

/// A board in the form and in the list of boards.
#[derive(Serialize)]
struct ManagedBoard<'a> {
    id: &'a Id,
    slug: &'a str,
    title: &'a str,
    description: &'a str,
    closed: bool,
    gate_kind: &'a str,
    /// Keys of tiers or labels, as they are typed.
    gate_keys: String,
    threads: u32,
}

impl<'a> ManagedBoard<'a> {
    fn new(board: &'a Document<Board>, threads: u32) -> Self {
        let Document { id, body, .. } = board;
        Self {
            id,
            slug: &body.slug,
            title: &body.title,
            description: &body.description,
            closed: body.closed,
            gate_kind: body.gate.kind(),
            gate_keys: body.gate.keys().join(", "),
            threads,
        }
    }
}

pub fn list() -> Result<Reply, Failure> {
    let boards = boards::all()?;
    let ids: Vec<Id> = boards.iter().map(|board| board.id.clone()).collect();
    let tallies = boards::fetched(&TALLIES, &ids)?;
    let threads = |board: &Document<Board>| tallies.get(&board.id).map_or(0, |tally| tally.threads);
    let lines: Vec<_> = boards.iter().map(|board| ManagedBoard::new(board, threads(board))).collect();
    let is_full = boards.len() >= MOST_BOARDS as usize;
    let view = View::new("admin-boards.html", &serde_json::json!({ "boards": lines, "is_full": is_full }))?;
    Ok(view.titled(context::translate("admin-title")).into())
}

pub fn compose() -> Result<Reply, Failure> {
    let view = View::new("admin-board.html", &serde_json::json!({ "board": null, "path": "/boards/new" }))?;
    Ok(view.titled(context::translate("new-board-title")).into())
}

pub fn edit(request: &Request) -> Result<Reply, Failure> {
    let board = BOARDS.require(&request.id("board")?)?;
    let path = format!("/boards/{}/edit", board.id);
    let view = View::new("admin-board.html", &serde_json::json!({ "board": ManagedBoard::new(&board, 0), "path": path }))?;
    Ok(view.titled(context::translate("edit-board-title")).into())
}

/// What the form says about a board.
#[derive(Debug, PartialEq)]
struct Filled {
    slug: String,
    title: String,
    description: String,
    gate: Gate,
    closed: bool,
}

impl Filled {
    fn read(request: &Request) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let slug = errors.take("slug", words::slug(request.field("slug")));
        let title = errors.take("title", words::title(request.field("title")));
        let description = errors.take("description", words::description(request.text("description")));
        let gate = gate(request.field("gate_kind"), request.field("gate_keys"));
        let gate = gate.map_err(|(field, message)| errors.add(field, message)).ok();
        match (slug, title, description, gate) {
            (Some(slug), Some(title), Some(description), Some(gate)) => {
                Ok(Self { slug, title, description, gate, closed: request.is_checked("closed") })
            }
            _ => Err(errors),
        }
    }
}

/// A gate from the two fields of the form, or which of them is wrong.
fn gate(kind: &str, keys: &str) -> Result<Gate, (&'static str, &'static str)> {
    let keys = || {
        let keys: Vec<String> = keys.split([',', '、', ' ', '　']).filter(|key| !key.is_empty()).map(str::to_owned).collect();
        if keys.is_empty() {
            Err(("gate_keys", "gate-keys-missing"))
        } else if keys.iter().all(|key| words::is_key(key)) {
            Ok(keys)
        } else {
            Err(("gate_keys", "gate-keys-malformed"))
        }
    };
    match kind {
        "everyone" => Ok(Gate::everyone()),
        "members" => Ok(Gate::members()),
        "tiers" => Ok(Gate::tiers(&keys()?)),
        "labels" => Ok(Gate::labels(&keys()?)),
        "segments" => Ok(Gate::segments(&keys()?)),
        "staff" => Ok(Gate::staff()),
        _ => Err(("gate_kind", "gate-missing")),
    }
}

pub fn create(request: &Request) -> Result<Reply, Failure> {
    let Filled { slug, title, description, gate, closed } = Filled::read(request)?;
    let boards = boards::all()?;
    if boards.len() >= MOST_BOARDS as usize {
        return Err(Failure::conflict(context::translate("boards-full")));
    }
    let position = boards.last().map_or(0, |board| board.body.position + 1);
    saved(BOARDS.insert(&Board { slug, title, description, gate, position, closed }))
}

pub fn save(request: &Request) -> Result<Reply, Failure> {
    let board = BOARDS.require(&request.id("board")?)?;
    let Filled { slug, title, description, gate, closed } = Filled::read(request)?;
    saved(BOARDS.put(&board.id, &Board { slug, title, description, gate, position: board.body.position, closed }))
}

fn saved<T>(result: Result<T, Error>) -> Result<Reply, Failure> {
    match result {
        Ok(_) => Ok(Reply::redirect(paths::MANAGE_BOARDS)),
        Err(error) if error.is(Error::DUPLICATE) => Err(FieldErrors::one("slug", "slug-taken").into()),
        Err(error) => Err(error.into()),
    }
}

/// One place up or down. At the end of the list nothing happens.
pub fn shift(request: &Request) -> Result<Reply, Failure> {
    let id = request.id("board")?;
    let mut boards = boards::all()?;
    let at = boards.iter().position(|board| board.id == id).ok_or(Failure::NotFound)?;
    let other = match request.field("direction") {
        "up" => at.checked_sub(1),
        "down" => Some(at + 1).filter(|other| *other < boards.len()),
        _ => return Err(Failure::NotFound),
    };
    if let Some(other) = other {
        boards.swap(at, other);
        // Positions are given anew, so that two boards that got the same one come apart.
        for (position, board) in (0..).zip(&mut boards).filter(|(position, board)| board.body.position != *position) {
            board.body.position = position;
            BOARDS.put(&board.id, &board.body)?;
        }
    }
    Ok(Reply::redirect(paths::MANAGE_BOARDS))
}

pub fn confirm_remove(request: &Request) -> Result<Reply, Failure> {
    let board = BOARDS.require(&request.id("board")?)?;
    let data = serde_json::json!({ "board": ManagedBoard::new(&board, 0), "is_empty": is_empty(&board.id)? });
    Ok(View::new("admin-remove-board.html", &data)?.titled(context::translate("remove-board-title")).into())
}

/// Only an empty board: what members wrote does not vanish with one click.
pub fn remove(request: &Request) -> Result<Reply, Failure> {
    let board = BOARDS.require(&request.id("board")?)?;
    if !is_empty(&board.id)? {
        return Err(Failure::conflict(context::translate("board-not-empty")));
    }
    BOARDS.delete(&board.id)?;
    if TALLIES.get(&board.id)?.is_some() {
        TALLIES.delete(&board.id)?;
    }
    Ok(Reply::redirect(paths::MANAGE_BOARDS))
}

fn is_empty(board: &Id) -> Result<bool, Error> {
    Ok(Thread::IN_BOARD.equal(board).first()?.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(changes: &[(&str, &str)]) -> Result<Filled, FieldErrors> {
        let mut form = vec![("slug", "live"), ("title", "ライブ"), ("description", ""), ("gate_kind", "members"), ("gate_keys", "")];
        for change in changes {
            form.retain(|(field, _)| *field != change.0);
            form.push(*change);
        }
        Filled::read(&Request::post("create-board", &[], &form))
    }

    fn wrong(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        match filled(changes).map_err(Failure::from) {
            Err(Failure::Invalid(errors)) => errors.into_iter().map(|error| (error.field, error.message)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_board_for_two_tiers_names_them() {
        let board = filled(&[("gate_kind", "tiers"), ("gate_keys", "gold、silver")]).unwrap();
        assert_eq!(board.gate, Gate::tiers(&["gold".into(), "silver".into()]));
        assert!(!board.closed);
    }

    #[test]
    fn a_gate_for_tiers_without_any_is_wrong_beside_their_field() {
        let missing = [("gate_keys".to_owned(), "gate-keys-missing".to_owned())];
        assert_eq!(wrong(&[("gate_kind", "labels"), ("gate_keys", " ,　")]), missing);
        assert_eq!(wrong(&[("gate_kind", "labels"), ("gate_keys", "幹事")])[0].1, "gate-keys-malformed");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let fields: Vec<_> = wrong(&[("slug", "ライブ"), ("title", ""), ("gate_kind", "")]).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["slug", "title", "gate_kind"]);
    }

    #[test]
    fn keys_left_over_from_another_gate_do_no_harm() {
        assert_eq!(filled(&[("gate_kind", "everyone"), ("gate_keys", "gold")]).unwrap().gate, Gate::everyone());
    }
}
