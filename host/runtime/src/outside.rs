//! The world outside the house: the way to the network, the secrets that go with it, and how much of it an installation
//! uses; and the disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tsudoi_kernel::files::{FileRefused, KeptFile, OfferedFile};
use tsudoi_kernel::ports::{At, Boxed, DataError, Egress, EgressError, FileVault, Incoming, Outgoing, SecretValue, SecretVault};
use tsudoi_kernel::{FileId, InstallationId, OrganisationId, Timestamp};

#[derive(Clone)]
pub struct Outside {
    pub egress: Arc<dyn Egress>,
    pub vault: Arc<dyn SecretVault>,
    pub files: Arc<dyn FileVault>,
}

impl Outside {
    /// No network, no secrets and no disk.
    pub fn closed() -> Self {
        Self { egress: Arc::new(Closed), vault: Arc::new(Closed), files: Arc::new(Closed) }
    }
}

struct Closed;

impl Egress for Closed {
    fn exchange(&self, _: Outgoing) -> Boxed<'_, Result<Incoming, EgressError>> {
        Box::pin(async { Err(EgressError::Forbidden("this host has no network for plugins".to_owned())) })
    }
}

impl SecretVault for Closed {
    fn reveal(&self, _: OrganisationId, _: String, _: String) -> Boxed<'_, Result<At<Option<SecretValue>>, DataError>> {
        Box::pin(async { Err(DataError::Broken("this host keeps no secrets".to_owned())) })
    }

    fn note_refusal(&self, _: OrganisationId, _: String, _: String, _: String) -> Boxed<'_, Result<(), DataError>> {
        Box::pin(async { Ok(()) })
    }
}

impl FileVault for Closed {
    fn keep(&self, _: OrganisationId, _: OfferedFile) -> Boxed<'_, Result<KeptFile, FileRefused>> {
        Box::pin(async { Err(FileRefused::Unavailable("this host keeps no files".to_owned())) })
    }

    fn bytes(&self, _: OrganisationId, _: FileId) -> Boxed<'_, Result<Vec<u8>, DataError>> {
        Box::pin(async { Err(DataError::Broken("this host keeps no files".to_owned())) })
    }
}

/// Installations that were quiet in this minute are swept out when there are this many.
const SWEEP: usize = 1_024;

#[derive(Debug, Clone, Copy, Default)]
struct Used {
    minute: u64,
    in_minute: u32,
    under_way: u32,
}

/// How much each installation sends, in this process.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Mutex<HashMap<InstallationId, Used>>>);

/// What an installation has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    InMinute,
    UnderWay,
}

/// A request that is under way until this is dropped.
pub struct UnderWay {
    traffic: Traffic,
    installation: InstallationId,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut all = self.traffic.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = all.get_mut(&self.installation) {
            used.under_way = used.under_way.saturating_sub(1);
        }
    }
}

impl Traffic {
    pub fn begin(&self, installation: InstallationId, now: Timestamp, per_minute: u32, at_once: u32) -> Result<UnderWay, TooMuch> {
        let minute = now.millis() / 60_000;
        // Nothing that could panic happens under the lock, so a poisoned one is as good as any.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SWEEP {
            all.retain(|_, used| used.under_way > 0 || used.minute == minute);
        }
        let used = all.entry(installation).or_default();
        if used.minute != minute {
            (used.minute, used.in_minute) = (minute, 0);
        }
        if used.in_minute >= per_minute {
            return Err(TooMuch::InMinute);
        }
        if used.under_way >= at_once {
            return Err(TooMuch::UnderWay);
        }
        used.in_minute += 1;
        used.under_way += 1;
        Ok(UnderWay { traffic: self.clone(), installation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_installation_has_its_own_count_for_each_minute_and_at_once() {
        let traffic = Traffic::default();
        let (one, other) = (InstallationId(Uuid::from_u128(1)), InstallationId(Uuid::from_u128(2)));
        let begin = |installation, second: i64| traffic.begin(installation, Timestamp::from_millis(second * 1_000), 3, 2);
        let first = begin(one, 0).ok();
        let second = begin(one, 1).ok();
        assert!(first.is_some() && second.is_some());
        assert_eq!(begin(one, 2).err(), Some(TooMuch::UnderWay));
        drop(first);
        drop(begin(one, 3).ok());
        assert_eq!(begin(one, 4).err(), Some(TooMuch::InMinute));
        assert!(begin(other, 4).is_ok(), "another installation has its own");
        assert!(begin(one, 60).is_ok(), "a new minute begins");
    }
}
