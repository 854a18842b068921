//! How often something may be tried: by the generic cell rate algorithm (ITU-T I.371), kept in this process. Each key
//! has one number, the moment up to which its tries are paid for; a try that would put that moment too far ahead of
//! now is refused.

use crate::ServiceError;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tsudoi_kernel::Timestamp;

/// So many at once, and then one more in each stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub burst: u32,
    pub every_seconds: u32,
}

/// What is limited. Tries that succeed are given back where the field says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Passwords tried from one client (a network address; for IPv6 its /64). Given back on success, since a club's
    /// whole hall may share an address.
    pub passwords_by_client: Limit,
    /// Passwords tried for one address or member number. Given back on success.
    pub passwords_by_identifier: Limit,
    /// Mails asked for from one client, with codes or links.
    pub mails_by_client: Limit,
    /// Codes mailed to one address. Five tries for each code and four codes an hour leave 20 guesses an hour among a
    /// million.
    pub codes_by_address: Limit,
    /// Links for a new password mailed to one address.
    pub resets_by_address: Limit,
    /// Codes and links tried from one client. Given back on success.
    pub answers_by_client: Limit,
    /// Forms sent from one client.
    pub forms_by_client: Limit,
    /// Forms sent to one organisation: what robots behind many addresses can fill its database with.
    pub forms_of_organisation: Limit,
    /// Mails to one address that say that a form came. What is past it is kept without.
    pub replies_by_address: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            passwords_by_client: Limit { burst: 60, every_seconds: 5 },
            passwords_by_identifier: Limit { burst: 10, every_seconds: 30 },
            mails_by_client: Limit { burst: 30, every_seconds: 20 },
            codes_by_address: Limit { burst: 5, every_seconds: 900 },
            resets_by_address: Limit { burst: 3, every_seconds: 900 },
            answers_by_client: Limit { burst: 40, every_seconds: 10 },
            forms_by_client: Limit { burst: 30, every_seconds: 30 },
            forms_of_organisation: Limit { burst: 1_000, every_seconds: 5 },
            replies_by_address: Limit { burst: 3, every_seconds: 900 },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    PasswordsByClient,
    PasswordsByIdentifier,
    MailsByClient,
    CodesByAddress,
    ResetsByAddress,
    AnswersByClient,
    FormsByClient,
    FormsOfOrganisation,
    RepliesByAddress,
}

/// Counts tries.
pub(crate) struct Meter {
    limits: Limits,
    paid_up_to: Mutex<Paid>,
}

struct Paid {
    until: HashMap<(Kind, String), i64>,
    /// At this many keys, those that count for nothing any more are removed.
    sweep_at: usize,
}

const FIRST_SWEEP: usize = 10_000;

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, paid_up_to: Mutex::new(Paid { until: HashMap::new(), sweep_at: FIRST_SWEEP }) }
    }

    /// Counts one try, or says in how many seconds the next may be made; a refused one is not counted.
    pub(crate) fn count(&self, kind: Kind, key: &str, now: Timestamp) -> Result<(), ServiceError> {
        let limit = self.limit(kind);
        let (now, step) = (now.as_i64(), i64::from(limit.every_seconds) * 1000);
        let mut paid = self.paid_up_to.lock().unwrap_or_else(PoisonError::into_inner);
        paid.sweep(now);
        let until = paid.until.entry((kind, key.to_owned())).or_insert(now);
        let next = (*until).max(now) + step;
        let ahead = next - now - step * i64::from(limit.burst);
        if ahead > 0 {
            return Err(ServiceError::TooMany { retry_after: ahead.unsigned_abs().div_ceil(1000) });
        }
        *until = next;
        Ok(())
    }

    /// Takes one try back.
    pub(crate) fn give_back(&self, kind: Kind, key: &str) {
        let step = i64::from(self.limit(kind).every_seconds) * 1000;
        let mut paid = self.paid_up_to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = paid.until.get_mut(&(kind, key.to_owned())) {
            *until -= step;
        }
    }

    fn limit(&self, kind: Kind) -> Limit {
        match kind {
            Kind::PasswordsByClient => self.limits.passwords_by_client,
            Kind::PasswordsByIdentifier => self.limits.passwords_by_identifier,
            Kind::MailsByClient => self.limits.mails_by_client,
            Kind::CodesByAddress => self.limits.codes_by_address,
            Kind::ResetsByAddress => self.limits.resets_by_address,
            Kind::AnswersByClient => self.limits.answers_by_client,
            Kind::FormsByClient => self.limits.forms_by_client,
            Kind::FormsOfOrganisation => self.limits.forms_of_organisation,
            Kind::RepliesByAddress => self.limits.replies_by_address,
        }
    }
}

impl Paid {
    fn sweep(&mut self, now: i64) {
        if self.until.len() < self.sweep_at {
            return;
        }
        self.until.retain(|_, until| *until > now);
        self.sweep_at = (self.until.len() * 2).max(FIRST_SWEEP);
    }
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which one household has whole.
pub(crate) fn client_key(client: &str) -> String {
    match client.parse::<std::net::Ipv6Addr>() {
        Ok(address) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => address.segments()[..4].iter().map(|segment| format!("{segment:x}:")).collect(),
        },
        Err(_) => client.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(burst: u32, every_seconds: u32) -> Meter {
        Meter::new(Limits { codes_by_address: Limit { burst, every_seconds }, ..Limits::default() })
    }

    fn count(meter: &Meter, key: &str, seconds: i64) -> Option<u64> {
        match meter.count(Kind::CodesByAddress, key, Timestamp::from_millis(1_000_000).plus_seconds(seconds)) {
            Ok(()) => None,
            Err(ServiceError::TooMany { retry_after }) => Some(retry_after),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn after_the_burst_one_more_is_let_through_each_time() {
        let meter = meter(3, 60);
        assert_eq!([0, 0, 0].map(|at| count(&meter, "a", at)), [None; 3]);
        assert_eq!(count(&meter, "a", 0), Some(60));
        assert_eq!(count(&meter, "a", 59), Some(1));
        assert_eq!(count(&meter, "a", 60), None);
        assert_eq!(count(&meter, "a", 60), Some(60));
        assert_eq!(count(&meter, "b", 60), None, "another key has its own count");
        assert_eq!([1000, 1000, 1000].map(|at| count(&meter, "a", at)), [None; 3], "after a rest the burst is back");
    }

    #[test]
    fn a_try_that_is_given_back_does_not_count() {
        let meter = meter(1, 60);
        for _ in 0..5 {
            assert_eq!(count(&meter, "a", 0), None);
            meter.give_back(Kind::CodesByAddress, "a");
        }
        assert_eq!(count(&meter, "a", 0), None);
        assert_eq!(count(&meter, "a", 0), Some(60));
    }

    #[test]
    fn keys_that_count_for_nothing_are_removed() {
        let meter = meter(1, 1);
        for n in 0..FIRST_SWEEP {
            count(&meter, &n.to_string(), 0);
        }
        count(&meter, "later", 100);
        assert_eq!(meter.paid_up_to.lock().unwrap().until.len(), 1);
    }

    #[test]
    fn a_household_counts_as_one_client() {
        assert_eq!(client_key("2001:db8:1:2:3::4"), client_key("2001:db8:1:2::9"));
        assert_ne!(client_key("2001:db8:1:2::"), client_key("2001:db8:1:3::"));
        assert_eq!(client_key("::ffff:192.0.2.1"), client_key("192.0.2.1"));
    }
}
