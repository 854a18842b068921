//! Making machine code of a package: the one step at which a tool of ours works through all of a stranger's bytes. The host
//! does it in a process of its own, which can be stopped; tests and tools do it where they are.

use crate::engine::configuration;
use crate::limits::Limits;
use serde::{Deserialize, Serialize};
use tsudoi_kernel::ports::PackageRefused;

/// What the machine code has to fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub limits: Limits,
    /// Whether the engine reserves memory in advance.
    pub pooled: bool,
}

pub trait Compiler: Send + Sync {
    /// Takes seconds: not for a thread that serves requests. What comes back is trusted like code of this program.
    fn compile(&self, target: &Target, package: &[u8]) -> Result<Vec<u8>, PackageRefused>;
}

/// Here and now, however long it takes.
pub struct InProcess;

impl Compiler for InProcess {
    fn compile(&self, target: &Target, package: &[u8]) -> Result<Vec<u8>, PackageRefused> {
        let refused = |error: wasmtime::Error| refused(crate::loggable(&format!("{error:#}"), 400));
        let engine = wasmtime::Engine::new(&configuration(&target.limits, target.pooled)).map_err(refused)?;
        engine.precompile_component(package).map_err(refused)
    }
}

pub(crate) fn refused(reason: impl Into<String>) -> PackageRefused {
    PackageRefused { place: "compiling".to_owned(), reason: reason.into() }
}
