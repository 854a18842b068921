//! A server that stands in for Stripe in tests: on loopback, without a network, with everything in memory.
//!
//! It answers as the API reference (<https://docs.stripe.com/api>) says, in these sections: *Authentication*, *Errors*, *Idempotent
//! requests*, *Metadata*, *Versioning*, *Expanding responses*; *Customers* (create, retrieve, delete), *PaymentMethods* (retrieve, attach,
//! detach), *SetupIntents* (retrieve), *PaymentIntents* (create, retrieve, cancel), *Refunds* (create, retrieve, list), *Disputes* (list),
//! *Checkout Sessions* (create, retrieve, expire) and *Events* (the object, and how a webhook is signed: *Webhooks, verify signatures
//! manually*). Beyond the API it has the page `/c/pay/<session>` with buttons, where Stripe has its payment page, and [`Stripe`] has
//! functions for what people do in Stripe's dashboard and what banks do.
//!
//! What it does not do: other sections; Connect, subscriptions, taxes, discounts, currencies' largest and smallest amounts, balance and
//! fees; ways of paying but cards and one that is paid later (as in a convenience store); 3-D Secure on the page (a card that needs it is
//! declined where nobody is there); searching and paging of lists (they are short); rate limits but for [`Stripe::fail_next`]; keys are not
//! forgotten after a day. Parameters that it does not know are refused, as Stripe does, also where Stripe knows them.

mod acts;
mod answer;
mod api;
mod checkout;
mod events;
mod form;
mod intents;
mod page;
mod people;
mod refunds;
mod server;
mod state;
#[cfg(feature = "tls")]
mod tls;

pub use acts::{Card, Paid};
pub use events::{Signed, sign};
pub use server::Trouble;

use serde_json::Value;
use server::Server;
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A request as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub idempotency_key: Option<String>,
    pub version: Option<String>,
    /// The parameters as a tree: `metadata[invoice]=1` is `{"metadata": {"invoice": "1"}}`.
    pub parameters: Value,
    /// What it was answered.
    pub status: u16,
}

/// The server. Dropped, it stops listening.
pub struct Stripe {
    state: Arc<Mutex<State>>,
    server: Server,
    #[cfg(feature = "tls")]
    pages: std::sync::OnceLock<Server>,
}

/// Keys that it knows. Objects of one mode are not there for the other.
pub const TEST_KEY: &str = "sk_test_0123456789abcdef";
pub const LIVE_KEY: &str = "sk_live_0123456789abcdef";

impl Stripe {
    /// Its clock shows `now`, in seconds since 1970, and stands until it is [turned](Self::set_time).
    ///
    /// # Panics
    /// Where the machine lets nobody listen.
    pub fn start(now: u64) -> Self {
        let state = Arc::new(Mutex::new(State::new(now)));
        let server = Server::start(state.clone()).unwrap_or_else(|error| panic!("the stand-in for Stripe can't listen: {error}"));
        let stripe = Self {
            state,
            server,
            #[cfg(feature = "tls")]
            pages: std::sync::OnceLock::new(),
        };
        stripe.state().pages = stripe.origin();
        stripe
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Where the addresses of payment pages begin: here, unless a test says `https://checkout.stripe.com`.
    pub fn set_pages(&self, origin: &str) {
        self.state().pages = origin.to_owned();
    }

    /// Sessions whose time is over by then expire.
    pub fn set_time(&self, now: u64) {
        let mut state = self.state();
        state.now = now;
        state.expire_old();
    }

    /// The next `times` requests to the API end this way.
    pub fn fail_next(&self, times: usize, trouble: Trouble) {
        self.state().troubles.extend(std::iter::repeat_n(trouble, times));
    }

    /// All requests to the API end this way from now on, until there is no trouble any more.
    pub fn set_outage(&self, outage: Option<Trouble>) {
        self.state().outage = outage;
    }

    /// How many requests are [held](Trouble::Held).
    pub fn held(&self) -> usize {
        self.state().held
    }

    pub fn release(&self) {
        self.state().held = 0;
    }

    /// All requests to the API so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// How often something was asked for: `POST /v1/refunds`.
    pub fn count(&self, what: &str) -> usize {
        self.state().asked.iter().filter(|asked| format!("{} {}", asked.method, asked.path) == what).count()
    }

    /// An object as the API shows it, by its id; null where there is none.
    pub fn object(&self, id: &str) -> Value {
        self.state().objects.get(id).cloned().unwrap_or_default()
    }

    /// The page of a session as its payer sees it now, as HTML; nothing where there is none.
    pub fn page(&self, session: &str) -> Option<String> {
        match self.state().show_page(session, "") {
            page::Shown::Page(html) => Some(html),
            _ => None,
        }
    }

    /// The ids of all objects of a kind, such as `customer` or `checkout.session`, in the order in which they were made.
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let state = self.state();
        state.order.iter().filter(|id| state.objects.get(*id).is_some_and(|object| object["object"] == kind)).cloned().collect()
    }

    /// The events since the last time that they were taken, the oldest first.
    pub fn take_events(&self) -> Vec<Value> {
        std::mem::take(&mut self.state().events)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
