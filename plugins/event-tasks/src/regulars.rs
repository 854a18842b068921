//! The rule `has-attended`: members who came to events, as staff marked it.

use crate::model::Registration;
use tsudoi_plugin::{Failure, Id, Parameters, store};

pub fn have_attended(parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
    let events = parameters.integer("events").and_then(|events| u32::try_from(events).ok()).unwrap_or(1);
    let of: Vec<_> = members.iter().map(|member| Registration::VISITS.equal(member).equal(true)).collect();
    Ok(store::counts(&of, events)?.into_iter().map(|count| count >= events).collect())
}
