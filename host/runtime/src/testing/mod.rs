//! A workbench for tests: a call's state over ports that live in memory.

pub mod data;
pub mod guests;
pub mod outside;
pub mod packages;

use crate::limits::Limits;
use crate::outside::{Outside, Traffic};
use crate::ranges::Cursors;
use crate::state::{CallState, Kind, Ports, Translate};
use data::MemoryData;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Handle, Runtime};
use tsudoi_kernel::calls::{CallContext, Installation};
use tsudoi_kernel::changes::{Change, DocumentChange};
use tsudoi_kernel::locale::{Locale, Localised};
use tsudoi_kernel::manifest::{InterfaceRequest, JobDeclaration, MailDeclaration, MailTo, Manifest, TopicDeclaration};
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::IndexKey;
use tsudoi_kernel::visitor::{MemberFacts, StaffFacts, Visitor};
use tsudoi_kernel::{AccountId, Clock, InstallationId, MemberId, Organisation, OrganisationId, Permission, Random, Timestamp};
use uuid::Uuid;

/// A clock that stands still.
pub struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// "Random" bytes that never repeat and are the same in each test run.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = (self.0.fetch_add(1, Ordering::Relaxed) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// Answers `<locale>:<key>:<argument name or title>`.
pub struct Echo;

impl Translate for Echo {
    fn translate(&self, _package_hash: &str, locale: Locale, key: &str, args: &serde_json::Value) -> String {
        format!("{}:{key}:{}", locale.tag(), args["name"].as_str().or(args["title"].as_str()).unwrap_or_default())
    }
}

/// The runtime that ports run on, also in tests that are not asynchronous themselves.
pub fn main_runtime() -> Handle {
    static MAIN: OnceLock<Runtime> = OnceLock::new();
    MAIN.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()).handle().clone()
}

pub fn member(id: u128, tier: Option<&str>) -> Visitor {
    let facts = MemberFacts {
        id: MemberId(Uuid::from_u128(id)),
        display_name: "花子".into(),
        member_type: None,
        status: Default::default(),
        tier: tier.map(Into::into),
        labels: ["press".to_owned()].into(),
    };
    Visitor { member: Some(facts), ..Visitor::default() }
}

pub fn staff(permissions: &[&str]) -> Visitor {
    let permissions = permissions.iter().map(|name| Permission::new(*name)).collect();
    let facts = StaffFacts { account: AccountId(Uuid::from_u128(9)), display_name: "事務局".into(), permissions };
    Visitor { staff: Some(facts), ..Visitor::default() }
}

pub struct Bench {
    pub clock: Arc<Still>,
    pub data: Arc<MemoryData>,
    pub manifest: Arc<Manifest>,
    pub limits: Limits,
    pub outside: Outside,
    visitor: Visitor,
    granted: Vec<String>,
    granted_fields: Option<Vec<String>>,
    pub policy: Policy,
    pub upgrading: bool,
}

impl Bench {
    pub fn new() -> Self {
        let mut manifest: Manifest = toml::from_str(packages::MANIFEST).unwrap();
        manifest.permissions.push(InterfaceRequest { interface: "members-read".into(), why: Localised::default(), optional: false });
        let bench = Self {
            clock: Arc::new(Still(Timestamp::from_millis(0))),
            data: Arc::new(MemoryData::default()),
            manifest: Arc::new(manifest),
            limits: Limits::default(),
            outside: Outside::closed(),
            visitor: Visitor::anonymous(),
            granted: vec!["store".into(), "members-read".into()],
            granted_fields: None,
            policy: Policy::default(),
            upgrading: false,
        };
        bench.at("2026-11-22T03:00:00Z")
    }

    pub fn at(mut self, instant: &str) -> Self {
        let instant = chrono::DateTime::parse_from_rfc3339(instant).unwrap().timestamp_millis();
        self.clock = Arc::new(Still(Timestamp::from_millis(instant)));
        self
    }

    pub fn visitor(mut self, visitor: Visitor) -> Self {
        self.visitor = visitor;
        self
    }

    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub fn grant(mut self, interfaces: &[&str]) -> Self {
        self.granted = interfaces.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// The manifest asks for `interface` too, and it is granted.
    pub fn permit(mut self, interface: &str) -> Self {
        let request = InterfaceRequest { interface: interface.to_owned(), why: Localised::default(), optional: false };
        Arc::make_mut(&mut self.manifest).permissions.push(request);
        self.granted.push(interface.to_owned());
        self
    }

    /// The manifest has the topic `posted`, and the job `nightly`.
    pub fn background(mut self) -> Self {
        let manifest = Arc::make_mut(&mut self.manifest);
        manifest.topics.push(TopicDeclaration { name: "posted".into(), label: Localised::default() });
        manifest.jobs.push(JobDeclaration { name: "nightly".into(), label: Localised::default(), cron: None });
        self
    }

    /// The manifest has a mail for members, `replied`, and one for staff, `reported`.
    pub fn mails(mut self) -> Self {
        let mails = [("replied", MailTo::Members), ("reported", MailTo::Staff)];
        let mails = mails.map(|(name, to)| MailDeclaration { name: name.into(), to, label: Localised::default() });
        Arc::make_mut(&mut self.manifest).mails.extend(mails);
        self
    }

    pub fn member_fields(mut self, fields: &[&str]) -> Self {
        Arc::make_mut(&mut self.manifest).member_fields = fields.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Of those that the manifest names.
    pub fn grant_member_fields(mut self, fields: &[&str]) -> Self {
        self.granted_fields = Some(fields.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    pub fn installation() -> InstallationId {
        InstallationId(Uuid::from_u128(0xF00))
    }

    pub fn context(&self, package_hash: &str) -> CallContext {
        CallContext {
            organisation: Arc::new(Organisation {
                id: OrganisationId(Uuid::from_u128(0xA)),
                slug: "hoshi".into(),
                name: "星の会".into(),
                locale: Locale::Ja,
                time_zone: "Asia/Tokyo".into(),
                currency: "JPY".into(),
                theme: "commons".into(),
            }),
            installation: Arc::new(Installation {
                id: Self::installation(),
                manifest: self.manifest.clone(),
                package_hash: package_hash.to_owned(),
                granted: self.granted.iter().cloned().collect(),
                member_fields: self.granted_fields.clone().unwrap_or_else(|| self.manifest.member_fields.clone()).into_iter().collect(),
                enabled: true,
                upgrading: self.upgrading,
                pause: None,
                settings: BTreeMap::new(),
            }),
            visitor: Arc::new(self.visitor.clone()),
            locale: Locale::Ja,
            number: self.data.number(),
            request_id: "request-1".into(),
        }
    }

    pub fn state(&self, kind: Kind) -> CallState {
        let ports = Ports {
            data: self.data.clone(),
            clock: self.clock.clone(),
            random: Arc::new(Counting::default()),
            translate: Arc::new(Echo),
            main: main_runtime(),
            cursors: Cursors::new(&[3; 32]),
            limits: self.limits.clone(),
            policy: self.policy.clone(),
            outside: self.outside.clone(),
            traffic: Traffic::default(),
            slow_lane: crate::places::Places::slow_lane(&self.limits),
            segments: Default::default(),
        };
        CallState::new(Arc::new(ports), self.context(""), kind)
    }

    /// The change that a write of a thread with these keys makes.
    pub fn change_of(&self, id: Uuid, keys: Vec<IndexKey>) -> Change {
        let keys = keys.into_iter().map(|key| (key.index, key.key)).collect();
        let document = DocumentChange { installation: Self::installation(), collection: "threads".into(), id, keys };
        Change { documents: vec![document], ..Change::default() }
    }
}
