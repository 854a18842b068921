//! `tsudoi demo`

use crate::config::Config;
use crate::demo::{self, Bar};
use crate::ports::{ShiftedClock, SystemClock};
use crate::serve;
use crate::wiring::{self, Fittings, Mode};
use anyhow::Context;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tsudoi_kernel::{Clock, Timestamp};
use tsudoi_services::mail::{MailPace, MailRetries, Outlet};
use tsudoi_services::visits::OrganisationKey;
use tsudoi_web::{Listener, Web};

#[derive(clap::Args)]
pub struct Arguments {
    /// The first organisation's port; each further one has the next.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where to listen. Whoever reaches this address can sign in as staff of the demo.
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// Where the demo keeps its data.
    #[arg(long)]
    data: Option<PathBuf>,
    /// As if it were this time now, such as 2026-11-27T01:00:00Z: for pictures on which the same days stand each time.
    #[arg(long)]
    begins: Option<chrono::DateTime<chrono::Utc>>,
    /// Answers say how many SQL statements they took, and errors show their place.
    #[arg(long)]
    dev: bool,
}

pub async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<()> {
    serve::start_log(&config);
    config.data = arguments.data.clone().unwrap_or_else(|| config.data.join("demo"));
    config.web.public_url = format!("http://{{slug}}.localhost:{}", arguments.port);
    let contents = Arc::new(demo::content::all()?);
    let mut listeners = Vec::new();
    for (n, content) in contents.iter().enumerate() {
        let port = arguments.port.checked_add(u16::try_from(n)?).context("the port is too high")?;
        let socket = serve::bind(SocketAddr::new(arguments.address, port)).await?;
        listeners.push((socket, content.organisation.slug.clone(), content.organisation.name.clone()));
    }
    let mode = Mode { dev: arguments.dev, demo: true };
    let clock: Arc<dyn Clock> = match arguments.begins {
        Some(begins) => Arc::new(ShiftedClock::from(Timestamp::from_millis(begins.timestamp_millis()))),
        None => Arc::new(SystemClock),
    };
    let house = wiring::house_with(&config, mode, Fittings { clock: clock.clone(), ..Fittings::default() }).await?;
    let differing = wiring::install_bundled(&house.services).await?;
    let bar = Bar::new(config.clone(), mode, &house, contents, clock);
    if !differing.is_empty() {
        tracing::info!(plugins = ?differing, "plugins have changed: the demo begins anew");
        bar.forget_everything().await?;
        wiring::install_bundled(&house.services).await?;
    }
    bar.load_missing().await?;
    let look = wiring::look(&config, &house.catalogue, false)?;
    serve::warm_up(&house);
    serve::do_background_work(&house);
    serve::tend_plugins(house.services.clone(), false);
    serve::deliver_mail(house.services.clone(), Outlet::Inbox, MailPace { at_once: 1, per_second: 0 }, MailRetries::default());
    serve::carry_on_mailings(house.services.clone());
    serve::turn_memberships(house.services.clone());
    serve::ask_gateways(house.services.clone());
    serve::work_on_imports(house.services.clone());
    serve::work_on_dues(house.services.clone());
    let shown_host = if arguments.address.is_unspecified() { "localhost".to_owned() } else { arguments.address.to_string() };
    let places: Vec<(String, String, String)> = listeners
        .iter()
        .map(|(socket, slug, name)| Ok((slug.clone(), name.clone(), format!("http://{shown_host}:{}/", socket.local_addr()?.port()))))
        .collect::<anyhow::Result<_>>()?;
    for (_, name, url) in &places {
        eprintln!("  {name}: {url}");
    }
    let places = Arc::new(places);
    let listeners = listeners
        .into_iter()
        .map(|(socket, slug, _)| (socket, Listener { organisation: Some(OrganisationKey::Slug(slug)), places: places.clone() }))
        .collect();
    let web = Arc::new(Web {
        services: house.services.clone(),
        look,
        dev: arguments.dev,
        trusted_proxies: Vec::new(),
        demo: Some(Arc::new(bar)),
        live: Default::default(),
    });
    serve::serve(web, listeners).await
}
