//! Building plugins, for `cargo xtask plugins` and `tsudoi plugin build`: finds or installs a toolchain for WebAssembly, and makes
//! one package of a compiled module, its manifest and its files.

pub mod install;
pub mod pack;
pub mod process;
pub mod toolchain;

pub use install::Consent;
pub use pack::{manifest, pack, with_manifest, with_version};
pub use toolchain::Toolchain;
