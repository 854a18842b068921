//! End-to-end tests: the real binary with the demo's organisations, over HTTP on both databases, and in Chromium.

mod attacks;
mod author;
mod bad_input;
mod board;
mod browser;
mod crash;
mod hostile;
mod import;
mod install;
mod isolation;
mod kills;
mod live;
mod mail;
mod money;
mod outage;
mod site;
mod spending;
mod theme_work;
