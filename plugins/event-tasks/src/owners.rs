//! Names that tasks were given to. The contract does not tell who is of the staff, so a name is what staff type, and those typed before
//! are suggested.

use crate::tasks_model::{OWNERS, Owner};
use tsudoi_plugin::Error;

/// Suggestions, and columns of the load.
pub const MOST: u32 = 50;

pub fn all() -> Result<Vec<String>, Error> {
    Ok(Owner::BY_NAME.query().limit(MOST).page()?.documents.into_iter().map(|owner| owner.body.name).collect())
}

pub fn remember(name: &str) -> Result<(), Error> {
    if name.is_empty() || Owner::BY_NAME.equal(name).first()?.is_some() {
        return Ok(());
    }
    OWNERS.insert(&Owner { name: name.to_owned() }).map(drop)
}
