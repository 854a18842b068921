//! What functions and filters know of the rendering that calls them: language, time zone, where messages come from and
//! what is left of its budget. It is kept beside Tera's own context, so that it also reaches components (which see
//! nothing of the context) and no template can overwrite it.

use crate::locales::Catalogue;
use chrono_tz::Tz;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tsudoi_kernel::Locale;

pub struct Scene {
    pub locale: Locale,
    pub zone: Tz,
    /// Asked in this order.
    pub catalogues: Vec<Arc<Catalogue>>,
    /// For hostile templates.
    pub budget: Option<Budget>,
}

/// How much a hostile template may do.
pub struct Budget {
    steps: Cell<u32>,
    deadline: Instant,
}

/// Rounds of loops and includes in one rendering.
const STEPS: u32 = 200_000;
/// A page of a plugin renders in a few milliseconds; this is for the one that means harm.
const TIME: Duration = Duration::from_secs(2);
/// Bytes of one value that a function or filter may make for a hostile template.
pub const LONGEST_VALUE: usize = 256 * 1024;

/// The message that tells apart a template that ran out of its budget.
pub const OUT_OF_BUDGET: &str = "the template does more than one rendering may";

impl Budget {
    // Bounding work is not telling the time: nothing that is shown or stored depends on it, and a test has no use for
    // a clock that stands still here.
    #[allow(clippy::disallowed_methods)]
    pub fn start() -> Self {
        Self { steps: Cell::new(STEPS), deadline: Instant::now() + TIME }
    }

    #[allow(clippy::disallowed_methods)]
    fn spend(&self) -> Result<(), tera::Error> {
        let left = self.steps.get().checked_sub(1);
        match left {
            Some(left) if Instant::now() < self.deadline => {
                self.steps.set(left);
                Ok(())
            }
            _ => Err(tera::Error::message(OUT_OF_BUDGET)),
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Scene>>> = const { RefCell::new(None) };
}

/// Puts back what was before, also when rendering panics.
struct Restore(Option<Rc<Scene>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Runs `render` with `scene` as the current one of this thread.
pub fn play<T>(scene: Scene, render: impl FnOnce() -> T) -> T {
    let _restore = Restore(CURRENT.replace(Some(Rc::new(scene))));
    render()
}

/// The scene of the rendering that runs on this thread.
pub fn current() -> Result<Rc<Scene>, tera::Error> {
    CURRENT.with_borrow(Clone::clone).ok_or_else(|| tera::Error::message("no rendering is under way"))
}

/// Takes one step off the budget.
pub fn step() -> Result<(), tera::Error> {
    current()?.budget.as_ref().map_or(Ok(()), Budget::spend)
}

impl Scene {
    pub fn message(&self, key: &str, arguments: &Value) -> Option<String> {
        // A language that a later catalogue has is better than another language of an earlier one.
        let speaks = |catalogue: &&Arc<Catalogue>| catalogue.contains(key);
        let in_language = self.catalogues.iter().find_map(|catalogue| catalogue.message_in(self.locale, key, arguments));
        in_language.or_else(|| self.catalogues.iter().find(speaks)?.message(self.locale, key, arguments))
    }

    /// `text`, unless it is longer than a hostile template may make.
    pub fn bounded(&self, text: String) -> Result<String, tera::Error> {
        self.allow(text.len()).map(|()| text)
    }

    /// Whether a value of `bytes` may be made.
    pub fn allow(&self, bytes: usize) -> Result<(), tera::Error> {
        if self.budget.is_some() && bytes > LONGEST_VALUE { Err(tera::Error::message(OUT_OF_BUDGET)) } else { Ok(()) }
    }
}
