//! Where things are on the site. Templates make their links with `plugin.base`; these are for redirects.

use crate::model::Post;
use crate::paging::page_of;
use tsudoi_plugin::Id;

pub fn board(slug: &str) -> String {
    format!("/p/fan-board/boards/{slug}")
}

pub fn thread(id: &Id) -> String {
    format!("/p/fan-board/threads/{id}")
}

/// A post in its thread, on the page where it stands.
pub fn post(id: &Id, post: &Post) -> String {
    let thread = thread(&post.thread);
    match page_of(post.number) {
        1 => format!("{thread}#post-{id}"),
        page => format!("{thread}?page={page}#post-{id}"),
    }
}

/// Likewise, with thanks to whoever reported it.
pub fn reported(id: &Id, post: &Post) -> String {
    format!("{}?page={}&reported=1#post-{id}", thread(&post.thread), page_of(post.number))
}

pub const REPORTS: &str = "/admin/p/fan-board/";
pub const MANAGE_BOARDS: &str = "/admin/p/fan-board/boards";
