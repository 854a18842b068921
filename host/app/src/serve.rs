//! Serving: listeners, background work, and a stop that lets requests end.

use crate::config::{Config, LogFormat};
use crate::connections;
use crate::wiring::House;
use anyhow::Context;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tsudoi_kernel::OrganisationId;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::ports::CommitObserver;
use tsudoi_services::Services;
use tsudoi_services::background::Foreman;
use tsudoi_services::mail::{Courier, MailPace, Outlet};
use tsudoi_web::{Listener, Web};

pub fn start_log(config: &Config) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(&config.log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
}

/// Takes the port, or says in one line why not.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!("{address} is in use: stop what listens there, or choose another port"),
        _ => anyhow::Error::new(error).context(format!("{address} can't be listened on")),
    })
}

/// Serves until the process is told to stop.
pub async fn serve(web: Arc<Web>, listeners: Vec<(TcpListener, Listener)>) -> anyhow::Result<()> {
    let (stop, _) = tokio::sync::watch::channel(false);
    let mut servers = tokio::task::JoinSet::new();
    for (socket, listener) in listeners {
        servers.spawn(connections::serve(socket, tsudoi_web::router(web.clone(), listener), stop.subscribe()));
    }
    told_to_stop().await;
    tracing::info!("stopping");
    web.live.end();
    let _ = stop.send(true);
    let ended = async { while servers.join_next().await.is_some() {} };
    // A connection that stays open must not keep the process.
    let _ = tokio::time::timeout(Duration::from_secs(10), ended).await;
    Ok(())
}

async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Takes mails to where they go. While there are some, without a pause; else it looks every second.
pub fn deliver_mail(services: Services, outlet: Outlet, pace: MailPace) {
    tokio::spawn(async move {
        let mut courier = Courier::new(services, outlet, pace);
        loop {
            let wait = match courier.round().await {
                Ok(0) => Duration::from_secs(1),
                Ok(_) => Duration::from_millis(50),
                Err(error) => {
                    tracing::warn!(%error, "mail is not delivered at the moment");
                    Duration::from_secs(5)
                }
            };
            tokio::select! {
                true = courier.one_ended() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    });
}

/// Turns audiences into mails, page by page, and ends mailings that are over.
pub fn carry_on_mailings(services: Services) {
    tokio::spawn(async move {
        loop {
            match services.carry_on_mailings().await {
                Ok(0) => tokio::time::sleep(Duration::from_secs(2)).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "mailings do not go on at the moment");
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            }
        }
    });
}

/// Refunds that a gateway did not answer at once, and charges that are due.
pub fn ask_gateways(services: Services) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = services.ask_gateways().await {
                tracing::warn!(%error, "refunds and charges do not go on at the moment");
            }
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    });
}

/// Members whose membership ends or begins with the day are looked at anew, soon after midnight where they are.
pub fn turn_memberships(services: Services) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = services.turn_memberships().await {
                tracing::warn!(%error, "memberships do not turn with the day at the moment");
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    });
}

/// Tries out, carries out and takes back imports of members. The look for them is taken every second.
pub fn work_on_imports(services: Services) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = services.work_on_imports().await {
                tracing::warn!(%error, "imports do not go on at the moment");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

/// Issues the invoices of dues.
pub fn work_on_dues(services: Services) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = services.work_on_dues().await {
                tracing::warn!(%error, "dues do not go on at the moment");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

/// Removes sessions, codes, records of mails and bytes of files that are long over, every hour.
pub fn forget_what_is_over(services: Services) {
    tokio::spawn(async move {
        loop {
            match tokio::try_join!(
                services.forget_what_ran_out(),
                services.forget_old_mails(),
                services.forget_old_work(),
                services.sweep_files()
            ) {
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "what is over is not removed at the moment"),
            }
            tokio::time::sleep(Duration::from_secs(60 * 60)).await;
        }
    });
}

/// Woken by the commits of this process that leave work.
struct Waker(Arc<Notify>);

impl CommitObserver for Waker {
    fn committed(&self, _: OrganisationId, _: u64, change: &Arc<Change>) {
        if change.leaves_work {
            self.0.notify_one();
        }
    }
}

/// Handles events and runs jobs: at once after a commit of this process, and every two seconds for those of others, for
/// schedules, and for what is tried again.
pub fn do_background_work(house: &House) {
    let (services, store) = (house.services.clone(), house.store.clone());
    let wake = Arc::new(Notify::new());
    store.observe(Arc::new(Waker(wake.clone())));
    tokio::spawn(async move {
        if let Err(error) = store.release_work_all_organisations(services.now()).await {
            tracing::warn!(%error, "background work of a process before is free after its lease only");
        }
        let mut foreman = Foreman::new(services.clone());
        let mut clock = tokio::time::interval(Duration::from_secs(2));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = wake.notified() => {}
                true = foreman.one_ended() => {}
                _ = clock.tick() => {
                    if let Err(error) = services.make_scheduled_jobs().await {
                        tracing::warn!(%error, "scheduled jobs are not made at the moment");
                    }
                }
            }
            if let Err(error) = foreman.begin_due().await {
                tracing::warn!(%error, "background work is not begun at the moment");
            }
        }
    });
}

/// Carries upgrades of plugins on, those that a stop left half-way too, and erases what was uninstalled. Where the
/// operator chose so, `automatic` begins upgrades that ask for nothing more.
pub fn tend_plugins(services: Services, automatic: bool) {
    tokio::spawn(async move {
        // Every hour of rounds of five seconds.
        const ROUNDS: u32 = 720;
        for round in (0..ROUNDS).cycle() {
            if automatic
                && round == 0
                && let Err(error) = services.begin_automatic_upgrades().await
            {
                tracing::warn!(%error, "plugins are not updated at the moment");
            }
            if let Err(error) = services.carry_on_upgrades().await {
                tracing::warn!(%error, "upgrades of plugins do not go on at the moment");
            }
            if let Err(error) = services.erase_what_left().await {
                tracing::warn!(%error, "what was uninstalled is not erased at the moment");
            }
            let _ = tokio::time::timeout(Duration::from_secs(5), services.upgrades.notified()).await;
        }
    });
}

/// Opens and compiles what organisations have enabled, so that the first visitor need not wait.
pub fn warm_up(house: &House) {
    let (services, store) = (house.services.clone(), house.store.clone());
    tokio::spawn(async move {
        let packages = match store.enabled_packages_all_organisations().await {
            Ok(packages) => packages,
            Err(error) => return tracing::warn!(%error, "plugins are not opened ahead"),
        };
        for hash in packages {
            if let Err(error) = services.loaded_plugin(&hash).await {
                tracing::error!(%error, "a plugin can't be opened");
            }
        }
    });
}

/// Reads themes again when a file below `folder` changes.
pub fn watch_themes(web: Arc<Web>, catalogue: Arc<tsudoi_render::locales::Catalogue>) -> anyhow::Result<()> {
    let Some(folder) = web.look.watched().cloned() else { return Ok(()) };
    std::fs::read_dir(&folder).with_context(|| format!("the themes in {} can't be read", folder.display()))?;
    tokio::spawn(async move {
        let mut seen = std::collections::HashMap::new();
        loop {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten().filter(|entry| entry.path().join("theme.toml").exists())
            {
                let id = entry.file_name().to_string_lossy().into_owned();
                let Ok(files) = tsudoi_render::themes::read_directory(entry.path()) else { continue };
                if seen.get(&id) == Some(&files) {
                    continue;
                }
                let theme = tsudoi_render::themes::Theme::load(id.clone(), files.clone(), catalogue.clone());
                match &theme {
                    Ok(_) => tracing::info!(theme = id, "the theme was read"),
                    Err(error) => tracing::error!(theme = id, "{error}"),
                }
                web.look.replace(&id, theme);
                seen.insert(id, files);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    Ok(())
}
