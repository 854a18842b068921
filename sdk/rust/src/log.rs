//! Lines for the plugin's log, which staff and operators can read: [`debug!`](crate::debug), [`info!`](crate::info),
//! [`warn!`](crate::warn) and [`error!`](crate::error), formatted as by `format!`. Keep members' data out of them.

use crate::bindings::imports::tsudoi::plugin::log;

#[doc(hidden)]
pub fn write(level: &str, message: &str) {
    log::write(level, message);
}

/// A line for whoever looks for a fault.
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => { $crate::log::write("debug", &::std::format!($($message)+)) };
}

/// A line about something that went as it should.
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => { $crate::log::write("info", &::std::format!($($message)+)) };
}

/// A line about something odd that did no harm.
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => { $crate::log::write("warn", &::std::format!($($message)+)) };
}

/// A line about something that failed.
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => { $crate::log::write("error", &::std::format!($($message)+)) };
}
