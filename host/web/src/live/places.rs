//! How many streams there are, and their end when the process stops.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tsudoi_kernel::OrganisationId;

/// Streams from one address of a visitor: a school or an office has one for all.
const MOST_OF_CLIENT: u32 = 100;
const MOST_OF_ORGANISATION: u32 = 2_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    Organisation(OrganisationId),
    Client(Arc<str>),
}

/// The streams of this process; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Live {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    taken: Mutex<HashMap<Owner, u32>>,
    over: AtomicBool,
}

/// One stream's place; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    live: Live,
    owners: [Owner; 2],
}

impl Live {
    /// Ends all streams, so that a stop need not wait for them.
    pub fn end(&self) {
        self.inner.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.inner.over.load(Ordering::Relaxed)
    }

    /// `None` where the organisation or the address has as many as it may.
    pub(super) fn take(&self, organisation: OrganisationId, client: &Arc<str>) -> Option<Place> {
        let owners = [Owner::Organisation(organisation), Owner::Client(client.clone())];
        let mut taken = self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = owners.iter().zip([MOST_OF_ORGANISATION, MOST_OF_CLIENT]).any(|(owner, most)| taken.get(owner) >= Some(&most));
        if full {
            return None;
        }
        owners.iter().for_each(|owner| *taken.entry(owner.clone()).or_default() += 1);
        Some(Place { live: self.clone(), owners })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.live.inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for owner in &self.owners {
            if let Some(count) = taken.get_mut(owner) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(owner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_address_has_so_many_streams_and_one_that_ends_makes_room() {
        let live = Live::default();
        let (club, client) = (OrganisationId(Uuid::nil()), Arc::from("203.0.113.7"));
        let mut places: Vec<_> = (0..MOST_OF_CLIENT).map(|_| live.take(club, &client).unwrap()).collect();
        assert!(live.take(club, &client).is_none());
        assert!(live.take(club, &Arc::from("203.0.113.8")).is_some(), "others are not kept out");
        places.pop();
        assert!(live.take(club, &client).is_some());
        drop(places);
        assert!(live.inner.taken.lock().unwrap().is_empty(), "nothing is remembered of who left");
    }
}
