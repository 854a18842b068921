//! What staff and members did with plugins before the demo begins: settings, and forms that they sent, each at its time.

use super::content::PluginPost;
use super::story::Teller;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::manifest::Area;
use tsudoi_services::visits::Visit;

impl Teller<'_> {
    /// What staff chose. Of plugins that are there: one that was taken out of `plugins/` is passed over.
    pub async fn choose_settings(&self, visit: &Visit) -> anyhow::Result<()> {
        let there = self.plugins(visit).await?;
        for (plugin, chosen) in self.content.plugins.settings.iter().filter(|(plugin, _)| there.contains(*plugin)) {
            self.choose(visit, plugin, chosen).await.with_context(|| plugin.clone())?;
        }
        Ok(())
    }

    async fn plugins(&self, visit: &Visit) -> anyhow::Result<BTreeSet<String>> {
        let summaries = self.services.plugin_switchboard(&self.services.of(visit)).await?;
        Ok(summaries.into_iter().map(|summary| summary.manifest.id.clone()).collect())
    }

    /// Forms of days that have passed, or of today.
    pub async fn send_forms(&self, visit: &Visit, today: bool) -> anyhow::Result<()> {
        let there = self.plugins(visit).await?;
        let due = |post: &&PluginPost| there.contains(&post.plugin) && (post.days_ago == 0) == today;
        let mut posts: Vec<&PluginPost> = self.content.plugins.posts.iter().filter(due).collect();
        posts.sort_by_key(|post| std::cmp::Reverse(post.days_ago));
        // Where the latest post to each plugin led: a later one can go on from there.
        let mut led: BTreeMap<&str, String> = BTreeMap::new();
        for post in posts {
            self.clock.set(self.now.plus_seconds(-i64::from(post.days_ago) * 24 * 60 * 60));
            let last = led.get(post.plugin.as_str()).map_or("", String::as_str);
            let path = post.path.replace("{last}", last);
            let mut form =
                post.form.iter().map(|(name, value)| Ok((name.as_str(), self.text(value)?))).collect::<anyhow::Result<Vec<_>>>()?;
            if let Some(page) = &post.from_page {
                let data = self.data_of(&post.plugin, Area::Admin, &page.path.replace("{last}", last)).await?;
                let value = |name: &String| data[name].as_str().map(str::to_owned).with_context(|| format!("{} has no {name}", page.path));
                for name in &page.fields {
                    form.push((name, value(name)?));
                }
            }
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let visitor = match &post.by {
                Some(number) => self.members.get(number).with_context(|| format!("there is no member {number}"))?,
                None => &self.staff,
            };
            let area = if post.admin { Area::Admin } else { Area::Site };
            let to = self.post_to(&post.plugin, visitor, area, &path, &form).await.with_context(|| format!("{} {path}", post.plugin))?;
            if let Some(id) =
                to.split(['/', '?', '#']).find(|part| part.len() == 36 && part.bytes().filter(|byte| *byte == b'-').count() == 4)
            {
                led.insert(&post.plugin, id.to_owned());
            }
        }
        self.clock.set(self.now);
        Ok(())
    }

    async fn choose(&self, visit: &Visit, plugin: &str, chosen: &BTreeMap<String, serde_json::Value>) -> anyhow::Result<()> {
        let editor = self.services.editor_of(visit.organisation.id, None);
        let settings = editor.plugin_settings(plugin).await?;
        let mut values: BTreeMap<String, serde_json::Value> =
            settings.settings.iter().map(|setting| (setting.key.clone(), setting.value.clone())).collect();
        values.extend(chosen.clone());
        editor.set_plugin_settings(plugin, &settings.state, &values).await?;
        Ok(())
    }
}
