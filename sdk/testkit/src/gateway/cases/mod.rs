//! What happens to every gateway in the suite, a test for each. [`gateway_suite!`](crate::gateway_suite) makes tests of them; called by
//! themselves they say whether the suite would notice a gateway that breaks a rule.

mod giving_back;
mod paying;
mod saved;
mod story;
mod trouble;

pub use giving_back::*;
pub use paying::*;
pub use saved::*;
pub use trouble::*;
