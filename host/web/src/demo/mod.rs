//! What exists only where the process was started as the demo: the bar that switches organisations and visitors.

use crate::Web;
use crate::visiting::Visiting;
use serde_json::Value;

impl Web {
    /// `null` outside the demo.
    pub(crate) fn demo_bar(&self, _visiting: &Visiting) -> Value {
        Value::Null
    }
}
