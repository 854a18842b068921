//! What a manifest says of events, jobs and mails: names, topics, and schedules that come.

use super::checks::{asks_for, localised, word};
use super::manifest::{Source, steps};
use std::collections::BTreeSet;
use tsudoi_kernel::Schedule;
use tsudoi_kernel::background::{EVENT_PERMISSION, HOST_TOPICS, is_host_name, permission_of};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::organisation::is_slug;
use tsudoi_kernel::ports::PackageRefused;

pub fn check(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    if is_host_name(&manifest.id) {
        return Err(source.refuse(steps!["id"], "this name begins topics of the host's own"));
    }
    topics(source, manifest)?;
    subscriptions(source, manifest)?;
    jobs(source, manifest)?;
    mails(source, manifest)
}

fn topics(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut names = BTreeSet::new();
    for (number, topic) in manifest.topics.iter().enumerate() {
        word(source, steps!["topics", number, "name"], &topic.name)?;
        localised(source, steps!["topics", number, "label"], &topic.label)?;
        if !names.insert(&topic.name) {
            return Err(source.refuse(steps!["topics", number, "name"], format!("`{}` is declared twice", topic.name)));
        }
    }
    if !manifest.topics.is_empty() && !asks_for(manifest, "events-emit") {
        return Err(source.refuse(steps!["topics"], "topics need the permission `events-emit`"));
    }
    Ok(())
}

fn mails(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut names = BTreeSet::new();
    for (number, mail) in manifest.mails.iter().enumerate() {
        word(source, steps!["mails", number, "name"], &mail.name)?;
        localised(source, steps!["mails", number, "label"], &mail.label)?;
        if !names.insert(&mail.name) {
            return Err(source.refuse(steps!["mails", number, "name"], format!("`{}` is declared twice", mail.name)));
        }
    }
    if !manifest.mails.is_empty() && !asks_for(manifest, "notify") {
        return Err(source.refuse(steps!["mails"], "mails need the permission `notify`"));
    }
    Ok(())
}

fn subscriptions(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    for (number, permission) in manifest.permissions.iter().enumerate() {
        let Some(topic) = permission.interface.strip_prefix(EVENT_PERMISSION) else { continue };
        if manifest.owns(topic) || !manifest.subscriptions.iter().any(|subscription| subscription.topic == topic) {
            let reason = "this permission goes with a subscription to a topic that is not the plugin's own";
            return Err(source.refuse(steps!["permissions", number, "interface"], reason));
        }
    }
    let mut seen = BTreeSet::new();
    for (number, subscription) in manifest.subscriptions.iter().enumerate() {
        let refuse = |reason: String| Err(source.refuse(steps!["subscriptions", number, "topic"], reason));
        let topic = subscription.topic.as_str();
        let Some((plugin, name)) = topic.split_once('.') else { return refuse("a topic is `<plugin id>.<name>`".to_owned()) };
        if !seen.insert(topic) {
            return refuse(format!("`{}` is subscribed to twice", topic.escape_default()));
        }
        if is_host_name(plugin) {
            if !HOST_TOPICS.contains(&topic) {
                return refuse(format!("the host tells {}", HOST_TOPICS.join(", ")));
            }
        } else if !is_slug(plugin) {
            return refuse("a topic is `<plugin id>.<name>`".to_owned());
        } else {
            word(source, steps!["subscriptions", number, "topic"], name)?;
        }
        if !manifest.owns(topic) && !asks_for(manifest, &permission_of(topic)) {
            return refuse(format!("it needs the permission `{}`", permission_of(topic).escape_default()));
        }
        if manifest.owns(topic) && !manifest.topics.iter().any(|declared| declared.name == name) {
            return refuse(format!("no `{}` under topics", name.escape_default()));
        }
    }
    Ok(())
}

fn jobs(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut names = BTreeSet::new();
    for (number, job) in manifest.jobs.iter().enumerate() {
        word(source, steps!["jobs", number, "name"], &job.name)?;
        localised(source, steps!["jobs", number, "label"], &job.label)?;
        if !names.insert(&job.name) {
            return Err(source.refuse(steps!["jobs", number, "name"], format!("two jobs are called `{}`", job.name)));
        }
        if let Some(cron) = &job.cron
            && let Err(error) = Schedule::parse(cron)
        {
            return Err(source.refuse(steps!["jobs", number, "cron"], crate::loggable(&error.to_string(), 400)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::package::inspect;
    use crate::testing::packages;

    const GOOD: &str = r#"
[[permissions]]
interface = "events-emit"
why = { ja = "知らせます", en = "To tell" }
[[topics]]
name = "posted"
label = { ja = "投稿", en = "A post" }
[[subscriptions]]
topic = "sample.posted"
[[subscriptions]]
topic = "member.joined"
[[permissions]]
interface = "event:member.joined"
why = { ja = "歓迎します", en = "To welcome" }
[[jobs]]
name = "nightly"
label = { ja = "毎晩の整理", en = "Nightly tidying" }
cron = "30 3 * * *"
"#;

    fn inspected(from: &str, to: &str) -> Result<(), String> {
        let manifest = packages::MANIFEST.to_owned() + &GOOD.replacen(from, to, 1);
        let package = packages::good().with_manifest(&manifest).import("tsudoi:plugin/events-emit@0.1.0");
        let package = package.export("tsudoi:plugin/events@0.1.0").export("tsudoi:plugin/jobs@0.1.0");
        inspect(&package.bytes(), 16 << 20).map(|_| ()).map_err(|refused| refused.to_string())
    }

    #[test]
    fn events_and_jobs_are_declared_with_care() {
        assert_eq!(inspected("", ""), Ok(()));
        let line = packages::MANIFEST.lines().count();
        for (from, to, offset, expected) in [
            ("name = \"posted\"", "name = \"Posted\"", 6, "a name is 1 to 40"),
            ("topic = \"sample.posted\"", "topic = \"sample.other\"", 9, "no `other` under topics"),
            ("topic = \"sample.posted\"", "topic = \"posted\"", 9, "a topic is `<plugin id>.<name>`"),
            ("topic = \"member.joined\"", "topic = \"member.left\"", 13, "this permission goes with a subscription"),
            ("interface = \"event:member.joined\"", "interface = \"event:page.published\"", 13, "this permission goes with a subscription"),
            ("cron = \"30 3 * * *\"", "cron = \"99 3 * * *\"", 18, "not a schedule: "),
            ("cron = \"30 3 * * *\"", "cron = \"*/5 * * * * *\"", 18, "not a schedule: "),
            ("cron = \"30 3 * * *\"", "cron = \"0 0 30 2 *\"", 18, "not a schedule: it never comes"),
        ] {
            let found = inspected(from, to).unwrap_err();
            assert!(found.starts_with(&format!("plugin.toml:{}: {expected}", line + offset)), "{to}: {found}");
        }
    }

    #[test]
    fn who_subscribes_handles_and_who_declares_jobs_runs_them() {
        let manifest = packages::MANIFEST.to_owned() + GOOD;
        let package = || packages::good().with_manifest(&manifest).import("tsudoi:plugin/events-emit@0.1.0");
        let refusal = |package: packages::Package| inspect(&package.bytes(), 16 << 20).unwrap_err().to_string();
        let mute = package().export("tsudoi:plugin/jobs@0.1.0");
        assert_eq!(refusal(mute), "export events: the manifest has subscriptions, but the component does not export `events`");
        let idle = package().export("tsudoi:plugin/events@0.1.0");
        assert_eq!(refusal(idle), "export jobs: the manifest has jobs, but the component does not export `jobs`");
        let taken = packages::good().edit_manifest("id = \"sample\"", "id = \"member\"");
        assert_eq!(refusal(taken), "plugin.toml:1: this name begins topics of the host's own");
    }
}
