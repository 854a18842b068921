//! Compiled packages, kept on disk: `<package hash>-<engine>.cwasm`, where `<engine>` changes with the engine's version,
//! settings and target. In front of the machine code stands an HMAC-SHA256 over the file's name and the code. Only
//! what this host made is ever loaded, since loading machine code means trusting it; anything else is compiled anew.

use crate::compiler::refused;
use crate::mac;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use tsudoi_kernel::ports::PackageRefused;
use tsudoi_kernel::time::{Random, random_hex};
use wasmtime::Engine;
use wasmtime::component::Component;

const TAG: usize = 32;

pub struct Artefacts {
    dir: PathBuf,
    mac: Hmac<Sha256>,
    engine: String,
}

impl Artefacts {
    /// Makes the directory where it is missing.
    pub fn new(dir: &Path, key: &[u8; 32], engine: &Engine) -> std::io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        // Where another release of Rust hashes differently, packages are compiled once more.
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { dir: dir.to_owned(), mac: mac::keyed(key, "artefact"), engine: format!("{:016x}", hasher.finish()) })
    }

    fn name(&self, hash: &str) -> String {
        format!("{hash}-{}.cwasm", self.engine)
    }

    fn mac(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(name.as_bytes());
        mac.update(b"\0");
        mac.update(code);
        mac
    }

    /// The compiled package, if it is there and was made here.
    pub fn load(&self, engine: &Engine, hash: &str) -> Option<Component> {
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let name = self.name(hash);
        let bytes = std::fs::read(self.dir.join(&name)).ok()?;
        let (tag, code) = bytes.split_first_chunk::<TAG>()?;
        if self.mac(&name, code).verify_slice(tag).is_err() {
            tracing::warn!(file = name, "a compiled plugin was not made by this host, or was damaged: compiling it again");
            return None;
        }
        trusted(engine, code).inspect_err(|error| tracing::warn!(file = name, "a compiled plugin can't be loaded: {error:#}")).ok()
    }

    /// Keeps what a compiler of this host's has just made of the package, and loads it.
    pub fn keep(&self, engine: &Engine, hash: &str, code: &[u8], random: &dyn Random) -> Result<Component, PackageRefused> {
        let component = trusted(engine, code).map_err(|error| refused(crate::loggable(&format!("{error:#}"), 400)))?;
        // Without the file the package is compiled again at the next start: slower, but not wrong.
        if let Err(error) = self.save(&self.name(hash), code, random) {
            tracing::warn!(directory = %self.dir.display(), "a compiled plugin can't be kept: {error}");
        }
        Ok(component)
    }

    fn save(&self, name: &str, code: &[u8], random: &dyn Random) -> std::io::Result<()> {
        let mut bytes = self.mac(name, code).finalize().into_bytes().to_vec();
        bytes.extend_from_slice(code);
        // Under another name first: a reader sees all of the file or none of it.
        let unfinished = self.dir.join(format!("{name}.{}", random_hex::<8>(random)));
        let saved = std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, self.dir.join(name)));
        if saved.is_err() {
            // Best effort: what matters is the error that is returned.
            let _ = std::fs::remove_file(&unfinished);
        }
        saved
    }
}

/// Machine code that this host made.
fn trusted(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize` runs the code that it is given, so it must come from wasmtime's own compiler. There are two ways
    // here: `keep` has it from the host's compiler, a moment ago; `load` has verified its tag, whose key never leaves this
    // process's configuration and is used for nothing else but what `keep` writes.
    #[allow(unsafe_code, reason = "compiled code can't be checked, only authenticated; this is the one place that loads it")]
    unsafe {
        Component::deserialize(engine, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::hash_of;
    use crate::testing::Counting;

    fn component() -> Vec<u8> {
        wat::parse_str("(component)").unwrap()
    }

    fn keep(artefacts: &Artefacts, engine: &Engine) {
        let code = engine.precompile_component(&component()).unwrap();
        artefacts.keep(engine, &hash_of(&component()), &code, &Counting::default()).unwrap();
    }

    fn files(dir: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn what_was_compiled_is_loaded_again() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let artefacts = Artefacts::new(dir.path(), &[1; 32], &engine).unwrap();
        let hash = hash_of(&component());
        assert!(artefacts.load(&engine, &hash).is_none());
        keep(&artefacts, &engine);
        assert!(artefacts.load(&engine, &hash).is_some());
        assert_eq!(files(dir.path()).len(), 1, "no unfinished file is left");
    }

    #[test]
    fn a_file_that_this_host_did_not_make_is_never_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let ours = Artefacts::new(dir.path(), &[1; 32], &engine).unwrap();
        let hash = hash_of(&component());
        keep(&ours, &engine);

        let theirs = Artefacts::new(dir.path(), &[2; 32], &engine).unwrap();
        assert!(theirs.load(&engine, &hash).is_none(), "another key");
        let file = files(dir.path()).remove(0);
        let good = std::fs::read(&file).unwrap();
        for place in [0, TAG, good.len() - 1] {
            let mut damaged = good.clone();
            damaged[place] ^= 1;
            std::fs::write(&file, damaged).unwrap();
            assert!(ours.load(&engine, &hash).is_none(), "byte {place}");
        }
        let other = hash_of(b"another package");
        std::fs::write(dir.path().join(ours.name(&other)), &good).unwrap();
        assert!(ours.load(&engine, &other).is_none(), "under another package's name");
        assert!(ours.load(&engine, "../../etc/passwd").is_none());
    }
}
