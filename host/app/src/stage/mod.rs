//! The stage on which plugins' tests play (`sdk/testkit`): this host with one organisation and one plugin, a database that is
//! thrown away, a clock to turn and no network. The test says on standard input what happens, one JSON object a line
//! ([`script::Step`]), and reads on standard output what came of it, one line each: `{"ok": …}` or `{"error": "…"}`.

mod forms;
mod meter;
mod money;
mod outside;
mod people;
mod script;
mod templates;
mod work;

pub use meter::Meter;

use crate::config::{Config, Synchronous};
use crate::ports::ManualClock;
use crate::wiring::{self, Fittings, House, Mode};
use anyhow::{Context, bail};
use axum::Router;
use outside::CannedEgress;
use people::People;
use script::{Former, Opening, Step};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tsudoi_kernel::{Organisation, OrganisationId, Timestamp};
use tsudoi_services::organisations::NewOrganisation;
use tsudoi_services::plugins::{Consent, Enabled};
use tsudoi_web::{Listener, Web};

const SLUG: &str = "stage";

/// Everything that a step can reach.
struct Stage {
    house: House,
    router: Router,
    clock: Arc<ManualClock>,
    meter: Arc<Meter>,
    outside: Arc<CannedEgress>,
    organisation: Organisation,
    plugin: String,
    /// What is tested, and what staff leave out of what it asks for.
    package: Vec<u8>,
    without: BTreeSet<String>,
    people: People,
    /// How many pages were made to look at.
    pages: usize,
}

/// Plays until standard input ends. `work` is kept between plays: a package that was compiled once is not compiled again.
pub async fn play(config: Config, package: &Path, work: &Path) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut output = tokio::io::stdout();
    let database = tempfile::tempdir().context("there is no folder for a database")?;
    let mut stage = None;
    while let Some(line) = lines.next_line().await? {
        let outcome = match &mut stage {
            None => open(&config, package, work, database.path(), &line).await.map(|opened| {
                stage = Some(opened);
                Value::Null
            }),
            Some(stage) => step(stage, &line).await,
        };
        let answer = match outcome {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "error": format!("{error:#}") }),
        };
        output.write_all(format!("{answer}\n").as_bytes()).await?;
        output.flush().await?;
    }
    Ok(())
}

async fn open(config: &Config, package: &Path, work: &Path, database: &Path, line: &str) -> anyhow::Result<Stage> {
    let opening: Opening = serde_json::from_str(line)?;
    let mut config = config.clone();
    config.data = work.to_owned();
    config.database.url = Some(format!("sqlite:{}", database.join("stage.db").display()));
    config.database.synchronous = Synchronous::Normal;
    let (clock, meter, outside) = (Arc::new(ManualClock::at(opening.now)), Arc::<Meter>::default(), Arc::<CannedEgress>::default());
    let fittings = Fittings { clock: clock.clone(), egress: Some(outside.clone()), meter: Some(meter.clone()) };
    let house = wiring::house_with(&config, Mode { dev: true, demo: false }, fittings).await?;
    let organisation = NewOrganisation {
        slug: SLUG.into(),
        name: opening.organisation,
        locale: opening.locale,
        time_zone: opening.time_zone,
        currency: opening.currency,
        hosts: Vec::new(),
        contact_email: None,
    };
    let organisation = house.services.create_organisation(organisation).await?;
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("{} can't be read", path.display()));
    let package = read(package)?;
    let first = match &opening.former {
        None => package.clone(),
        Some(Former::Package(older)) => read(older)?,
        Some(Former::Version(version)) => tsudoi_pack::with_manifest(&package, |manifest| tsudoi_pack::with_version(manifest, version))?,
    };
    let plugin = enable(&house, organisation.id, first, &opening.without).await?;
    let web = Arc::new(Web {
        services: house.services.clone(),
        look: wiring::look(&config, &house.catalogue, false)?,
        dev: true,
        trusted_proxies: Vec::new(),
        demo: None,
        live: Default::default(),
    });
    let router = tsudoi_web::router(web, Listener::default());
    let stage = Stage {
        house,
        router,
        clock,
        meter,
        outside,
        organisation,
        plugin,
        package,
        without: opening.without,
        people: People::default(),
        pages: 0,
    };
    if opening.invoices {
        money::set_up(&stage).await?;
    }
    Ok(stage)
}

/// Installs a package and switches it on, or over to it. Answers its plugin.
async fn enable(house: &House, organisation: OrganisationId, package: Vec<u8>, without: &BTreeSet<String>) -> anyhow::Result<String> {
    let plugin = house.services.install_package(package).await?.manifest.id;
    let package = house.services.newest_package(&plugin).await?.with_context(|| format!("{plugin} is gone"))?;
    let mut consent = Consent::to_all(&package);
    for interface in without {
        if !consent.interfaces.remove(interface) {
            bail!("{plugin} does not ask for {interface}");
        }
    }
    if let Enabled::Upgrading = house.services.editor_of(organisation, None).enable_plugin(&plugin, &consent).await? {
        house.services.carry_on_upgrades().await?;
        if let Some(upgrade) = house.store.organisation(organisation).upgrade(&plugin).await? {
            bail!("the update did not work: {}", upgrade.problem.unwrap_or_default());
        }
    }
    Ok(plugin)
}

async fn step(stage: &mut Stage, line: &str) -> anyhow::Result<Value> {
    Ok(match serde_json::from_str(line)? {
        Step::Member(person) => json!({ "id": people::member(stage, person).await? }),
        Step::Staff(person) => json!({ "id": people::staff(stage, person).await? }),
        Step::Erase { member } => json!(people::erase(stage, member).await?),
        Step::Send { requests } => {
            let sendings = requests.iter().map(|request| people::prepared(stage, request));
            let sendings = futures::future::try_join_all(sendings).await?;
            let answers = sendings.into_iter().map(|request| people::answered(stage.router.clone(), request));
            json!(futures::future::try_join_all(answers).await?)
        }
        Step::Block(block) => people::block(stage, block).await?,
        Step::Render(render) => json!(templates::render(stage, render).await?),
        Step::Meets(meets) => people::meets(stage, meets).await?,
        Step::Segment { rule, parameters } => json!(people::segment(stage, &rule, parameters).await?),
        Step::Pass { seconds } => {
            let until = stage.now().plus_seconds(seconds);
            json!(work::pass(stage, until).await?)
        }
        Step::Until { instant } => json!(work::pass(stage, instant).await?),
        Step::Now => json!(stage.now().millis()),
        Step::Tell(event) => work::tell(stage, event).await?,
        Step::Form(new) => forms::form(stage, new).await?,
        Step::Invoice(new) => {
            let member = people::member_of(stage, new.member)?;
            money::invoice(stage, member, new).await?
        }
        Step::Credit { invoice } => money::credit(stage, invoice).await?,
        Step::Charge { invoice } => money::charge(stage, invoice).await?,
        Step::GiveBack { payment, amount } => money::give_back(stage, payment, amount).await?,
        Step::Typed { amount } => json!(money::typed(stage, amount)?),
        Step::Gateway => money::gateway(stage).await?,
        Step::Token => json!(stage.house.services.money_token()),
        Step::Invoices => money::invoices(stage).await?,
        Step::Payments => money::payments(stage).await?,
        Step::Balances => money::balances(stage).await?,
        Step::Setting { key, value } => work::set(stage, key, value).await?,
        Step::Secret { name, value } => {
            stage.editor().set_plugin_secret(&stage.plugin, &name, &value).await?;
            Value::Null
        }
        Step::Update => {
            enable(&stage.house, stage.organisation.id, stage.package.clone(), &stage.without).await?;
            Value::Null
        }
        Step::Answer(canned) => {
            stage.outside.answer(canned);
            Value::Null
        }
        Step::Forget { method, url } => {
            stage.outside.forget(&method, &url);
            Value::Null
        }
        Step::Lead { origin, to } => {
            stage.outside.leads(&origin, to)?;
            Value::Null
        }
        Step::Sent => json!(stage.outside.sent()),
        Step::Effects => json!(stage.meter.effects()),
        Step::Mails => work::mails(stage).await?,
        Step::SetAside => work::set_aside(stage).await?,
        Step::Documents { collection } => work::documents(stage, &collection).await?,
        Step::Costs => json!(stage.meter.calls()),
        Step::Failures => work::failures(stage).await?,
    })
}

impl Stage {
    fn now(&self) -> Timestamp {
        self.house.services.now()
    }

    fn editor(&self) -> tsudoi_services::editor::Editor {
        self.house.services.editor_of(self.organisation.id, None)
    }
}
