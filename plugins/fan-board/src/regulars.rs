//! The rule `has-posted`: members who write on the boards. What staff hide and what was deleted does not count.

use crate::model::{Post, PostState};
use tsudoi_plugin::{Failure, Id, Parameters, store};

pub fn have_posted(parameters: &Parameters, members: &[Id]) -> Result<Vec<bool>, Failure> {
    let posts = parameters.integer("posts").and_then(|posts| u32::try_from(posts).ok()).unwrap_or(1);
    let of: Vec<_> = members.iter().map(|member| Post::BY_AUTHOR.equal(member).equal(PostState::Shown)).collect();
    Ok(store::counts(&of, posts)?.into_iter().map(|count| count >= posts).collect())
}
