//! Templates, Markdown, sanitiser, translations and theme look-up; data in, text out. And documents on paper, as PDF ([`paper`]).
//!
//! Three kinds of template are rendered here, each with the same functions and filters ([`templates`]): a theme's
//! ([`themes`], trusted: the operator installed it), a plugin's ([`plugins`], hostile: bounded while it renders and
//! sanitised afterwards) and the host's own ([`templates::Templates`]). Text by staff goes through
//! [`markdown::render`], text by members through [`markdown::member_text`].

pub mod accent;
mod balance;
pub mod forms;
mod functions;
pub mod html;
pub mod locales;
pub mod mail;
pub mod markdown;
pub mod paper;
pub mod plugins;
mod restricted;
pub mod sanitise;
mod scene;
pub mod source;
mod syntax;
mod tags;
pub mod templates;
pub mod themes;
pub mod times;

pub use html::SafeHtml;
