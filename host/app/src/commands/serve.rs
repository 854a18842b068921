//! `tsudoi serve`

use crate::config::Config;
use crate::mailer::SmtpMailer;
use crate::ports::SystemClock;
use crate::wiring::{self, Mode};
use crate::{bundled, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use tsudoi_services::mail::{MailPace, Outlet};
use tsudoi_web::{Listener, Web};

#[derive(clap::Args)]
pub struct Arguments {
    /// Where to listen, such as 127.0.0.1:8080.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// For work on themes: they are read again on change, mail goes to /inbox on this machine, errors show their place.
    #[arg(long)]
    dev: bool,
}

pub async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<()> {
    serve::start_log(&config);
    if let Some(listen) = arguments.listen {
        config.web.listen = listen;
    }
    if arguments.dev && config.themes.is_none() && std::path::Path::new("themes").is_dir() {
        config.themes = Some("themes".into());
    }
    let mode = Mode { dev: arguments.dev, demo: false };
    let house = wiring::house(&config, mode).await?;
    for plugin in wiring::install_bundled(&house.services).await? {
        tracing::warn!(plugin, "this version is installed already with other contents, and stays: raise the version to replace it");
    }
    let look = wiring::look(&config, &house.catalogue, arguments.dev)?;
    let socket = serve::bind(config.web.listen).await?;
    let pace = MailPace { at_once: config.mail.connections, per_second: config.mail.per_second };
    match SmtpMailer::new(&config.mail, Arc::new(SystemClock))? {
        _ if arguments.dev => serve::deliver_mail(house.services.clone(), Outlet::Inbox, pace),
        Some(mailer) => serve::deliver_mail(house.services.clone(), Outlet::Wire(Arc::new(mailer)), pace),
        None => tracing::warn!("mail is not configured (mail.smtp, mail.from): it waits in the database until it is"),
    }
    serve::carry_on_mailings(house.services.clone());
    serve::forget_what_is_over(house.services.clone());
    serve::turn_memberships(house.services.clone());
    serve::ask_gateways(house.services.clone());
    serve::work_on_imports(house.services.clone());
    serve::work_on_dues(house.services.clone());
    serve::tend_plugins(house.services.clone(), config.plugins.automatic_updates);
    serve::warm_up(&house);
    serve::do_background_work(&house);
    let web = Arc::new(Web {
        services: house.services.clone(),
        look,
        dev: arguments.dev,
        trusted_proxies: config.web.trusted_proxies.clone(),
        demo: None,
        live: Default::default(),
    });
    serve::watch_themes(web.clone(), house.catalogue.clone())?;
    tracing::info!(plugins = bundled::PLUGINS.len(), "serving on http://{}", socket.local_addr()?);
    serve::serve(web, vec![(socket, Listener::default())]).await
}
