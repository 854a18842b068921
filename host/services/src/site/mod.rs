//! What an organisation shows on every page: name, logo, colour, menu, contact. Drafted, published and taken back like
//! a page.

mod edit;
mod frame;

pub use edit::FrameDraft;
pub use frame::{FrameChoices, FrameInput, MenuItem, MenuRow, SiteFrame, check_menu};
