//! A stage for the world outside: answers that a test wrote, what was asked of it, and secrets in memory.

use crate::outside::Outside;
use crate::testing::Bench;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tsudoi_kernel::files::{FileClaim, FileRefused, KeptFile, OfferedFile, StoredFile};
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::manifest::outside::{HostDeclaration, Origin, SecretDeclaration, host_grant, secret_grant};
use tsudoi_kernel::ports::{At, Boxed, DataError, Egress, EgressError, FileVault, Incoming, Outgoing, SecretValue, SecretVault};
use tsudoi_kernel::{FileId, OrganisationId};

type Answer = Result<Incoming, EgressError>;
type Event = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Played {
    answers: VecDeque<Answer>,
    asked: Vec<Outgoing>,
    refused: Vec<String>,
    secrets: Vec<(String, String, String)>,
    during: Option<Event>,
    files: BTreeMap<FileId, Vec<u8>>,
}

#[derive(Clone, Default)]
pub struct Stage(Arc<Mutex<Played>>);

impl Stage {
    pub fn secret(self, plugin: &str, name: &str, value: &str) -> Self {
        self.0.lock().unwrap().secrets.push((plugin.into(), name.into(), value.into()));
        self
    }

    pub fn answers(self, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.0.lock().unwrap().answers.push_back(Ok(Incoming { status, headers, body: body.into() }));
        self
    }

    pub fn fails(self, error: EgressError) -> Self {
        self.0.lock().unwrap().answers.push_back(Err(error));
        self
    }

    /// Happens once, while a request is under way.
    pub fn during(&self, event: impl FnOnce() + Send + 'static) {
        self.0.lock().unwrap().during = Some(Box::new(event));
    }

    pub fn asked(&self) -> Vec<Outgoing> {
        self.0.lock().unwrap().asked.clone()
    }

    /// `secret -> destination`
    pub fn refused(&self) -> Vec<String> {
        self.0.lock().unwrap().refused.clone()
    }
}

impl Stage {
    /// How many files it has bytes of.
    pub fn files(&self) -> usize {
        self.0.lock().unwrap().files.len()
    }
}

/// Takes everything for plain text.
impl FileVault for Stage {
    fn keep(&self, _: OrganisationId, offered: OfferedFile) -> Boxed<'_, Result<KeptFile, FileRefused>> {
        let OfferedFile { id, name, media_type, gate, bytes } = offered;
        let file = StoredFile { id, name, media_type, size: bytes.len() as u64, sha256: "00".repeat(32), gate };
        self.0.lock().unwrap().files.insert(id, bytes);
        let played = self.0.clone();
        let claim = FileClaim::new(move || drop(played.lock().unwrap().files.remove(&id)));
        Box::pin(async { Ok(KeptFile { file, claim }) })
    }

    fn bytes(&self, _: OrganisationId, id: FileId) -> Boxed<'_, Result<Vec<u8>, DataError>> {
        let found = self.0.lock().unwrap().files.get(&id).cloned();
        Box::pin(async { found.ok_or_else(|| DataError::Broken("no bytes".into())) })
    }
}

impl Egress for Stage {
    fn exchange(&self, request: Outgoing) -> Boxed<'_, Answer> {
        let mut played = self.0.lock().unwrap();
        played.asked.push(request);
        let answer = played.answers.pop_front().unwrap_or_else(|| Ok(Incoming { status: 200, headers: vec![], body: vec![] }));
        let event = played.during.take();
        drop(played);
        if let Some(event) = event {
            event();
        }
        Box::pin(async { answer })
    }
}

impl SecretVault for Stage {
    fn reveal(&self, _: OrganisationId, plugin: String, name: String) -> Boxed<'_, Result<At<Option<SecretValue>>, DataError>> {
        let secrets = &self.0.lock().unwrap().secrets;
        let found = secrets.iter().find(|(of, called, _)| *of == plugin && *called == name);
        let value = found.map(|(_, _, value)| SecretValue(value.clone()));
        Box::pin(async { Ok(At { number: 0, value }) })
    }

    fn note_refusal(&self, _: OrganisationId, _: String, name: String, to: String) -> Boxed<'_, Result<(), DataError>> {
        self.0.lock().unwrap().refused.push(format!("{name} -> {to}"));
        Box::pin(async { Ok(()) })
    }
}

impl Bench {
    pub fn outside(mut self, stage: &Stage) -> Self {
        self.outside = Outside { egress: Arc::new(stage.clone()), vault: Arc::new(stage.clone()), files: Arc::new(stage.clone()) };
        self
    }

    /// The manifest declares this host, and it is granted.
    pub fn host(mut self, origin: &str) -> Self {
        let Origin { scheme, host, port } = origin.parse().unwrap();
        self.granted.push(host_grant(&origin.parse().unwrap()));
        Arc::make_mut(&mut self.manifest).hosts.push(HostDeclaration { host, scheme, port: Some(port) });
        self
    }

    /// The manifest declares this secret, and it may go to these hosts.
    pub fn secret(mut self, name: &str, hosts: &[&str]) -> Self {
        let hosts: Vec<Origin> = hosts.iter().map(|host| host.parse().unwrap()).collect();
        self.granted.extend(hosts.iter().map(|host| secret_grant(name, host)));
        let secret = SecretDeclaration { name: name.into(), label: Localised::default(), hosts, body_fields: vec!["key".into()] };
        Arc::make_mut(&mut self.manifest).secrets.push(secret);
        self
    }
}
