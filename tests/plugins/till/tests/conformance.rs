//! What every gateway has to do, of one with a provider that is elsewhere.

mod till;

use till::{Sound, Till};

tsudoi_testkit::gateway_suite!(Till<Sound>: currencies, refunds, declines, returns, part_returns, returns_first, saves, saves_outside, outages);
