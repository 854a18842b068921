//! `files`: files that the plugin keeps. Bytes are on the disk before the call ends; that there is such a file, or none any
//! more, comes with the commit.

use crate::bindings::files::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, Stop, answered, refusal};
use std::collections::BTreeMap;
use std::future::Future;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::files::{FileClaim, FileRefused, OfferedFile, StoredFile, Uploaded};
use tsudoi_kernel::{FileId, Gate};

const INTERFACE: &str = "files";
/// In characters.
const MAX_NAME: usize = 200;
const MAX_MEDIA_TYPE: usize = 100;

/// What a command saves and deletes, until it ends.
#[derive(Default)]
pub struct PendingFiles {
    /// `None`: a stored one, deleted.
    changes: BTreeMap<FileId, Option<StoredFile>>,
    /// Of those that this run has put on the disk.
    claims: BTreeMap<FileId, FileClaim>,
}

impl PendingFiles {
    /// Files that came with the call.
    pub fn receive(&mut self, uploads: &[Uploaded]) {
        self.changes.extend(uploads.iter().map(|upload| (upload.file.id, Some(upload.file.clone()))));
    }

    fn delete(&mut self, id: FileId) {
        self.claims.remove(&id);
        match self.changes.get(&id) {
            // It came and goes within this call: nobody else ever sees it.
            Some(Some(_)) => drop(self.changes.remove(&id)),
            _ => drop(self.changes.insert(id, None)),
        }
    }

    pub fn into_parts(self) -> (impl Iterator<Item = Effect>, Vec<FileClaim>) {
        let effects = self.changes.into_iter().map(|(id, file)| file.map_or(Effect::DeleteFile(id), Effect::SaveFile));
        (effects, self.claims.into_values().collect())
    }
}

impl Host for CallState {
    async fn save(
        &mut self,
        name: String,
        media_type: String,
        gate: String,
        bytes: Vec<u8>,
    ) -> wasmtime::Result<Result<String, types::Error>> {
        self.enter(name.len() + media_type.len() + gate.len() + bytes.len())?;
        answered(self.save_file(name, media_type, &gate, bytes).await)
    }

    async fn read(&mut self, file: String) -> wasmtime::Result<Result<Vec<u8>, types::Error>> {
        self.enter(file.len())?;
        answered(self.read_file(&file).await)
    }

    async fn delete(&mut self, file: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(file.len())?;
        answered(self.delete_file(&file).await)
    }
}

impl CallState {
    async fn save_file(&mut self, name: String, media_type: String, gate: &str, bytes: Vec<u8>) -> Result<String, Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let malformed = |detail: &str| refusal("malformed", detail);
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(|letter| letter.is_control() || "/\\".contains(letter)) {
            return Err(malformed("a name has 1 to 200 characters, none of them a slash"));
        }
        if media_type.len() > MAX_MEDIA_TYPE {
            return Err(malformed("this is no media type"));
        }
        let gate: Gate = serde_json::from_str(gate).map_err(|_| malformed("this is no gate"))?;
        self.count_written()?;
        let id = FileId::fresh(self.now, self.ports.random.as_ref());
        let (vault, organisation) = (self.ports.outside.files.clone(), self.context.organisation.id);
        let offered = OfferedFile { id, name, media_type, gate, bytes };
        match self.wait(async move { vault.keep(organisation, offered).await }).await? {
            Ok(kept) => {
                self.files.changes.insert(id, Some(kept.file));
                self.files.claims.insert(id, kept.claim);
                Ok(id.to_string())
            }
            Err(FileRefused::Content(why)) => Err(refusal("malformed", format!("a file of this content is not kept ({why})"))),
            Err(FileRefused::Unavailable(why)) => Err(self.end(Stop::Unavailable(why)).into()),
        }
    }

    async fn read_file(&mut self, id: &str) -> Result<Vec<u8>, Refusal> {
        self.may_use(INTERFACE)?;
        let file = self.known_file(id).await?;
        let most = self.ports.limits.transfer_bytes;
        if usize::try_from(file.size).is_ok_and(|size| size > most) {
            return Err(refusal("too-large", format!("files of more than {most} bytes can't be read by plugins")));
        }
        let (vault, organisation) = (self.ports.outside.files.clone(), self.context.organisation.id);
        match self.wait(async move { vault.bytes(organisation, file.id).await }).await? {
            Ok(bytes) => {
                self.carry(bytes.len())?;
                Ok(bytes)
            }
            Err(error) => Err(self.end(Stop::Unavailable(error.to_string())).into()),
        }
    }

    async fn delete_file(&mut self, id: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let file = self.known_file(id).await?;
        self.count_written()?;
        self.files.delete(file.id);
        Ok(())
    }

    /// The file with this id, as this call sees it; `not-found` where there is none.
    async fn known_file(&mut self, id: &str) -> Result<StoredFile, Refusal> {
        let unknown = || refusal("not-found", "no such file");
        let id: FileId = id.parse().map_err(|_| unknown())?;
        if let Some(pending) = self.files.changes.get(&id) {
            return pending.clone().ok_or_else(unknown);
        }
        let scope = self.scope();
        let found = self.ask(move |data| async move { data.file(scope, id).await }).await?;
        self.read(Read::Fact(format!("file:{id}")), found.number);
        found.value.ok_or_else(unknown)
    }

    /// Waits for the disk, on the main runtime.
    async fn wait<T: Send + 'static>(&mut self, work: impl Future<Output = T> + Send + 'static) -> wasmtime::Result<T> {
        self.leave_slow_lane();
        match self.ports.main.spawn(work).await {
            Ok(done) => Ok(done),
            Err(_) => Err(self.end(Stop::Unavailable("the disk failed or the host is shutting down".to_owned()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use crate::testing::outside::Stage;
    use tsudoi_kernel::Timestamp;
    use tsudoi_kernel::ids::fresh_uuid;

    const MEMBERS: &str = r#"{"kind":"members"}"#;

    fn bench(stage: &Stage) -> Bench {
        Bench::new().permit("files").outside(stage)
    }

    async fn save(state: &mut CallState, name: &str, gate: &str) -> Result<String, String> {
        Host::save(state, name.into(), "text/plain".into(), gate.into(), b"notes".to_vec()).await.unwrap().map_err(|error| error.code)
    }

    async fn read(state: &mut CallState, id: &str) -> Result<Vec<u8>, String> {
        Host::read(state, id.into()).await.unwrap().map_err(|error| error.code)
    }

    async fn delete(state: &mut CallState, id: &str) -> Result<(), String> {
        Host::delete(state, id.into()).await.unwrap().map_err(|error| error.code)
    }

    #[tokio::test]
    async fn a_saved_file_is_read_by_its_own_call_and_waits_for_the_commit() {
        let stage = Stage::default();
        let mut state = bench(&stage).state(Kind::Command);
        let id = save(&mut state, "会報.txt", MEMBERS).await.unwrap();
        assert_eq!(read(&mut state, &id).await, Ok(b"notes".to_vec()));
        let (effects, claims) = std::mem::take(&mut state.files).into_parts();
        let effects: Vec<Effect> = effects.collect();
        assert!(matches!(&effects[..], [Effect::SaveFile(file)] if file.name == "会報.txt" && file.gate == Gate::Members));
        assert_eq!(stage.files(), 1);
        drop(claims);
        assert_eq!(stage.files(), 0, "a call that came to nothing leaves no bytes");
    }

    #[tokio::test]
    async fn what_is_deleted_is_gone_for_its_own_call_and_for_all_with_the_commit() {
        let stage = Stage::default();
        let bench = bench(&stage);
        let stored = FileId(fresh_uuid(Timestamp::from_millis(5), bench.state(Kind::Query).ports.random.as_ref()));
        bench.data.add_file(stored, "a.txt");
        let mut state = bench.state(Kind::Command);
        let own = save(&mut state, "b.txt", MEMBERS).await.unwrap();
        delete(&mut state, &own).await.unwrap();
        assert_eq!(stage.files(), 0, "its bytes go at once");
        delete(&mut state, &stored.to_string()).await.unwrap();
        assert_eq!(delete(&mut state, &stored.to_string()).await, Err("not-found".into()));
        assert_eq!(read(&mut state, &own).await, Err("not-found".into()));
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Fact(format!("file:{stored}"))));
        let effects: Vec<Effect> = std::mem::take(&mut state.files).into_parts().0.collect();
        assert_eq!(effects, [Effect::DeleteFile(stored)]);
    }

    #[tokio::test]
    async fn a_name_and_a_gate_make_sense() {
        let stage = Stage::default();
        let mut state = bench(&stage).state(Kind::Command);
        for (name, gate) in [("", MEMBERS), ("../a", MEMBERS), ("a\nb", MEMBERS), ("a", "{}"), ("a", "everyone")] {
            assert_eq!(save(&mut state, name, gate).await, Err("malformed".into()), "{name} {gate}");
        }
        assert_eq!(read(&mut state, "no id").await, Err("not-found".into()));
    }

    #[tokio::test]
    async fn a_query_saves_nothing_and_without_the_grant_there_is_nothing_at_all() {
        let stage = Stage::default();
        let bench = bench(&stage);
        assert_eq!(save(&mut bench.state(Kind::Query), "a", MEMBERS).await, Err("read-only".into()));
        let mut ungranted = bench.grant(&["store"]).state(Kind::Command);
        assert_eq!(save(&mut ungranted, "a", MEMBERS).await, Err("not-granted".into()));
        assert_eq!(read(&mut ungranted, "a").await, Err("not-granted".into()));
        assert_eq!(delete(&mut ungranted, "a").await, Err("not-granted".into()));
    }
}
