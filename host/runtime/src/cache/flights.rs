//! Single flight: of several who miss the same answer at once one runs the call, and the others wait for what it keeps.

use super::fingerprint::Key;
use super::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

#[derive(Default)]
pub struct Flights(Mutex<HashMap<Key, watch::Receiver<()>>>);

/// Held by the one who runs; whatever ends it, the others go on.
pub struct Flight {
    flights: Arc<Flights>,
    key: Key,
    _landing: watch::Sender<()>,
}

pub enum Seat {
    Pilot(Flight),
    Passenger(watch::Receiver<()>),
}

impl Flights {
    pub fn board(self: &Arc<Self>, key: Key) -> Seat {
        let mut under_way = lock(&self.0);
        if let Some(landing) = under_way.get(&key) {
            return Seat::Passenger(landing.clone());
        }
        let (sender, landing) = watch::channel(());
        under_way.insert(key, landing);
        Seat::Pilot(Flight { flights: self.clone(), key, _landing: sender })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        lock(&self.flights.0).remove(&self.key);
    }
}

/// Returns once the one who runs is done, or has gone.
pub async fn landed(mut landing: watch::Receiver<()>) {
    // Nothing is ever sent: the sender's end is the message.
    let _ = landing.changed().await;
}
