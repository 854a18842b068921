//! Places: who has one at once, and who gets one that becomes free. Those who wait are served strictly in their order: nobody overtakes a
//! larger party that is still too many.

use crate::model::{Event, Registration, RegistrationState, SEATS, Seats};
use tsudoi_plugin::{Document, Error, Id};

/// Nothing where there is no limit, since then nobody keeps count.
pub fn of(event: &Document<Event>) -> Result<Option<Seats>, Error> {
    match event.body.capacity {
        Some(_) => Ok(Some(SEATS.get(&event.id)?.map(|seats| seats.body).unwrap_or_default())),
        None => Ok(None),
    }
}

pub fn keep(event: &Id, seats: Option<Seats>) -> Result<(), Error> {
    seats.map_or(Ok(()), |seats| SEATS.put(event, &seats))
}

/// Whether so many people have a place now.
pub fn admits(capacity: Option<u32>, seats: Seats, people: u32) -> bool {
    capacity.is_none_or(|capacity| seats.waiting == 0 && people <= free(capacity, seats))
}

pub fn free(capacity: u32, seats: Seats) -> u32 {
    capacity.saturating_sub(seats.taken)
}

/// How many of those who wait, in their order, have a place now. `parties`: people of each.
pub fn promoted(mut free: u32, parties: impl IntoIterator<Item = u32>) -> usize {
    let fits = |people: &u32| match free.checked_sub(*people) {
        Some(left) => {
            free = left;
            true
        }
        None => false,
    };
    parties.into_iter().take_while(fits).count()
}

/// Counts anew, for an event that has a limit from now on.
pub fn recount(event: &Id) -> Result<(), Error> {
    let (mut seats, mut cursor) = (Seats::default(), None);
    loop {
        let page = Registration::IN_EVENT.equal(event).limit(1_000).cursor(cursor.as_deref()).page()?;
        for registration in &page.documents {
            match registration.body.state {
                RegistrationState::Registered => seats.taken = seats.taken.saturating_add(registration.body.people()),
                RegistrationState::Waiting => seats.waiting += 1,
                RegistrationState::Cancelled => {}
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return SEATS.put(event, &seats);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_while_others_wait_waits_too() {
        let seats = Seats { taken: 8, waiting: 1 };
        assert!(!admits(Some(10), seats, 1) && admits(None, seats, 500));
        let seats = Seats { taken: 8, waiting: 0 };
        assert!(admits(Some(10), seats, 2) && !admits(Some(10), seats, 3) && !admits(Some(5), seats, 1));
    }

    #[test]
    fn a_large_party_is_not_overtaken() {
        assert_eq!(promoted(2, [1, 1, 1]), 2);
        assert_eq!(promoted(2, [3, 1]), 0);
        assert_eq!(promoted(4, [3, 2, 1]), 1);
    }

    /// Numbers without pattern (Knuth, The Art of Computer Programming, volume 2, section 3.3.4).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: u32) -> u32 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(self.0 >> 33).unwrap() % limit
        }
    }

    #[test]
    fn there_are_never_too_many_nobody_waits_without_need_and_the_order_holds() {
        for seed in 0..400 {
            let mut numbers = Numbers(seed);
            let mut capacity = numbers.below(12);
            let (mut inside, mut queue, mut served) = (Vec::<(u32, u32)>::new(), Vec::<(u32, u32)>::new(), Vec::new());
            for ticket in 0..60 {
                let seats = |inside: &[(u32, u32)], queue: &[(u32, u32)]| Seats {
                    taken: inside.iter().map(|(_, people)| people).sum(),
                    waiting: u32::try_from(queue.len()).unwrap(),
                };
                let before = seats(&inside, &queue);
                match numbers.below(5) {
                    0..=2 => {
                        let party = (ticket, 1 + numbers.below(3));
                        let enters = admits(Some(capacity), before, party.1);
                        if enters { inside.push(party) } else { queue.push(party) }
                    }
                    3 if !inside.is_empty() => {
                        let leaves = numbers.below(u32::try_from(inside.len()).unwrap());
                        inside.remove(leaves as usize);
                    }
                    _ => capacity += numbers.below(2),
                }
                let room = free(capacity, seats(&inside, &queue));
                let next = promoted(room, queue.iter().map(|(_, people)| *people));
                served.extend(queue[..next].iter().map(|(ticket, _)| *ticket));
                inside.extend(queue.drain(..next));
                let after = seats(&inside, &queue);
                assert!(after.taken <= capacity, "seed {seed}");
                assert!(queue.first().is_none_or(|(_, people)| *people > free(capacity, after)), "seed {seed}: a place stays empty");
            }
            assert!(served.is_sorted(), "seed {seed}: {served:?}");
        }
    }
}
