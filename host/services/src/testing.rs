//! Services for tests: a database in a folder of its own, a clock that stands still until it is moved, and randomness
//! that repeats.

mod parrot;
pub mod plugins;
mod worklog;

pub use parrot::Parrot;
pub use worklog::Worklog;

use crate::plugins::PluginShelf;
use crate::visits::{OrganisationKey, Visit};
use crate::{Parts, Services, Settings};
use sha2::{Digest, Sha256};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::Quota;
use tsudoi_kernel::{AccountId, Clock, Locale, MemberId, Organisation, OrganisationId, Permission, Random, Timestamp};
use tsudoi_render::locales::Catalogue;
use tsudoi_store::testing::{TestDatabase, each, sqlite};
use tsudoi_store::{MemberDraft, StaffDraft};

/// A clock that a test moves.
pub struct HeldClock(AtomicI64);

impl HeldClock {
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same in every run.
#[derive(Default)]
pub struct SeededRandom(AtomicU64);

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// Services with one organisation, `club`, and what moves its world.
pub struct TestServices {
    pub services: Services,
    pub organisation: Organisation,
    pub clock: Arc<HeldClock>,
    pub database: Arc<TestDatabase>,
    /// Handlers and jobs of plugins that ran.
    pub worklog: Arc<Worklog>,
    pub plugins: Arc<Parrot>,
    random: Arc<SeededRandom>,
    files: Arc<tempfile::TempDir>,
}

impl Deref for TestServices {
    type Target = Services;
    fn deref(&self) -> &Services {
        &self.services
    }
}

/// On SQLite: a fan club in Japanese, without members.
pub async fn services() -> TestServices {
    services_with(|_| {}).await
}

/// The same with other settings: `dev_inbox` is on and `demo` is off before.
pub async fn services_with(change: impl FnOnce(&mut Settings)) -> TestServices {
    furnished(sqlite().await, change).await
}

/// One on each kind of database.
pub async fn services_on_each() -> Vec<TestServices> {
    let mut all = Vec::new();
    for database in each().await {
        all.push(furnished(database, |_| {}).await);
    }
    all
}

async fn furnished(database: TestDatabase, change: impl FnOnce(&mut Settings)) -> TestServices {
    let clock = Arc::new(HeldClock(AtomicI64::new(1_800_000_000_000)));
    let random = Arc::new(SeededRandom::default());
    let files = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let organisation = add(&database, "club", OrganisationId::fresh(clock.now(), &*random), clock.now()).await;
    open(Arc::new(database), organisation, clock, random, files, change)
}

async fn add(database: &TestDatabase, slug: &str, id: OrganisationId, at: Timestamp) -> Organisation {
    let organisation = Organisation {
        id,
        slug: slug.into(),
        name: "星空会".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    database.store.create_organisation_all_organisations(&organisation, &[], at).await.expect("a new organisation");
    organisation
}

fn open(
    database: Arc<TestDatabase>,
    organisation: Organisation,
    clock: Arc<HeldClock>,
    random: Arc<SeededRandom>,
    files: Arc<tempfile::TempDir>,
    change: impl FnOnce(&mut Settings),
) -> TestServices {
    let texts = Arc::new(texts());
    let plugins = Arc::new(Parrot::default());
    let worklog = Arc::new(Worklog::new(database.store.clone(), clock.clone()));
    let mut settings = Settings {
        public_url: "https://{slug}.example".into(),
        upload_limit: 1 << 20,
        dev_inbox: true,
        demo: false,
        policy: Policy::default(),
        pause_after: 20,
        quota: Quota::default(),
    };
    change(&mut settings);
    let services = Services::new(Parts {
        store: database.store.clone(),
        clock: clock.clone(),
        random: random.clone(),
        calls: plugins.clone(),
        packages: plugins.clone(),
        upgrades: plugins.clone(),
        work: worklog.clone(),
        texts: texts.clone(),
        shelf: Arc::new(PluginShelf::new(texts)),
        files: files.path().to_owned(),
        key: [7; 32],
        settings,
    });
    TestServices { services, organisation, clock, database, worklog, plugins, random, files }
}

/// A picture in the form of PNG (nothing that can be looked at) with `mark` in it.
pub fn picture(mark: &[u8]) -> Vec<u8> {
    use img_parts::png::PngChunk;
    let chunks = [(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0][..]), (*b"IDAT", mark), (*b"IEND", b"")];
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, contents) in chunks {
        bytes.extend_from_slice(&PngChunk::new(kind, contents.to_vec().into()).encoder().bytes());
    }
    bytes
}

/// The host's own texts, as the binary has them.
fn texts() -> Catalogue {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/locales");
    let mut files = Vec::new();
    for locale in Locale::ALL {
        for entry in std::fs::read_dir(folder.join(locale.tag())).expect("the host's locales") {
            let path = entry.expect("a locale file").path();
            files.push((locale, path.display().to_string(), std::fs::read_to_string(&path).expect("a readable locale file")));
        }
    }
    Catalogue::new(files.iter().map(|(locale, name, text)| (*locale, name.as_str(), text.as_str()))).expect("the host's texts parse")
}

impl TestServices {
    /// A second process on the same database, started with other settings.
    pub fn reopened(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let (database, organisation) = (self.database.clone(), self.organisation.clone());
        open(database, organisation, self.clock.clone(), self.random.clone(), self.files.clone(), change)
    }

    /// A second organisation.
    pub async fn add_organisation(&self, slug: &str) -> OrganisationId {
        add(&self.database, slug, OrganisationId(self.services.fresh_id()), self.services.now()).await.id
    }

    /// A visit of `club` by nobody in particular.
    pub async fn anonymous(&self) -> Visit {
        self.anonymous_at("club").await
    }

    pub async fn anonymous_at(&self, slug: &str) -> Visit {
        let key = OrganisationKey::Slug(slug.into());
        self.services.visit(&key).await.expect("the database answers").expect("the organisation is there")
    }

    /// A visit of `club` by whoever holds the session's token.
    pub async fn recognised(&self, token: &str) -> Visit {
        let mut visit = self.anonymous().await;
        self.services.recognise(&mut visit, token).await.expect("the database answers");
        visit
    }

    pub async fn account(&self, password: Option<&str>) -> AccountId {
        self.services.create_account(password, &[]).await.expect("a new account")
    }

    /// A member of `club` whose family name is the number.
    pub async fn member(&self, number: &str, email: Option<&str>, account: Option<AccountId>) -> MemberId {
        self.member_of(self.organisation.id, number, email, account).await
    }

    pub async fn member_of(&self, organisation: OrganisationId, number: &str, email: Option<&str>, account: Option<AccountId>) -> MemberId {
        let draft = MemberDraft {
            family_name: format!("会員{number}"),
            given_name: "花子".into(),
            display_name: "はな".into(),
            email: email.map(|email| email.parse().expect("a mail address")),
            account,
            ..MemberDraft::new(self.services.fresh_member_id(), number)
        };
        self.services.add_members(organisation, std::slice::from_ref(&draft)).await.expect("a new member");
        draft.id
    }

    /// A member of `club`, and a visit of theirs.
    pub async fn visiting_member(&self, number: &str) -> (MemberId, Visit) {
        let account = self.account(None).await;
        let member = self.member(number, None, Some(account)).await;
        let session = self.services.start_session(self.organisation.id, account, Some(member), "test").await;
        (member, self.recognised(&session.expect("a new session")).await)
    }

    /// Staff of `club` with these permissions.
    pub async fn staff(&self, email: &str, account: AccountId, permissions: &[&str]) {
        let permissions = permissions.iter().map(|permission| Permission::new(*permission)).collect();
        let draft = StaffDraft { account, display_name: "事務局".into(), email: email.parse().expect("a mail address"), permissions };
        self.services.add_staff(self.organisation.id, &draft).await.expect("new staff");
    }

    /// Texts of the mails to an address, the newest first.
    pub async fn mails_to(&self, email: &str) -> Vec<String> {
        let mails = self.services.inbox(&self.anonymous().await).await.expect("the inbox");
        mails.into_iter().filter(|mail| mail.recipient == email).map(|mail| mail.body).collect()
    }
}
