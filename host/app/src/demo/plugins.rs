//! What staff and members did with plugins before the demo begins: settings, and forms that they sent.

use super::content::{PluginPost, RowOfPage};
use super::story::Teller;
use super::year::Told;
use anyhow::{Context, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tsudoi_kernel::Visitor;
use tsudoi_kernel::manifest::Area;
use tsudoi_services::visits::Visit;

impl<'a> Teller<'a> {
    /// What staff chose. Of plugins that are there: one that was taken out of `plugins/` is passed over.
    pub async fn choose_settings(&self, visit: &Visit) -> anyhow::Result<()> {
        let there = self.plugins(visit).await?;
        for (plugin, chosen) in self.content.plugins.settings.iter().filter(|(plugin, _)| there.contains(*plugin)) {
            self.choose(visit, plugin, chosen).await.with_context(|| plugin.clone())?;
        }
        Ok(())
    }

    pub(super) async fn plugins(&self, visit: &Visit) -> anyhow::Result<BTreeSet<String>> {
        let summaries = self.services.plugin_switchboard(&self.services.of(visit)).await?;
        Ok(summaries.into_iter().map(|summary| summary.manifest.id.clone()).collect())
    }

    pub(super) async fn send_form(&self, told: &mut Told<'a>, post: &PluginPost) -> anyhow::Result<()> {
        let mut path = self.placed(told, post, &post.path)?;
        let mut form = post
            .form
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.placed(told, post, &self.text(value)?)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        if let Some(page) = &post.from_page {
            let area = if page.site { Area::Site } else { Area::Admin };
            let data = self.data_of(&post.plugin, area, &self.placed(told, post, &page.path)?).await?;
            for name in &page.fields {
                let value = match &data[name] {
                    serde_json::Value::String(text) => text.clone(),
                    serde_json::Value::Number(number) => number.to_string(),
                    _ => bail!("{} has no {name}", page.path),
                };
                form.push((name.clone(), value));
            }
            for (name, row) in &page.rows {
                let id = row_of(&data, row).with_context(|| format!("{} does not say {}", page.path, row.says))?;
                let place = format!("{{{name}}}");
                if path.contains(&place) { path = path.replace(&place, &id) } else { form.push((name.clone(), id)) }
            }
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let visitor = match &post.by {
            Some(number) => self.visitor(told, number)?,
            None => self.staff.clone(),
        };
        let area = if post.admin { Area::Admin } else { Area::Site };
        let to = self.post_to(&post.plugin, &visitor, area, &path, &form).await?;
        let is_id = |part: &&str| part.len() == 36 && part.bytes().filter(|byte| *byte == b'-').count() == 4;
        if let Some(id) = to.split(['/', '?', '#']).find(is_id) {
            told.led.insert(post.plugin.clone(), id.to_owned());
            told.named.extend(post.called.iter().map(|name| (name.clone(), id.to_owned())));
        }
        Ok(())
    }

    /// A text with the ids that it names.
    fn placed(&self, told: &Told<'_>, post: &PluginPost, text: &str) -> anyhow::Result<String> {
        let mut text = text.to_owned();
        if let Some(last) = told.led.get(&post.plugin) {
            text = text.replace("{last}", last);
        }
        for (name, id) in &told.named {
            text = text.replace(&format!("{{{name}}}"), id);
        }
        while let Some((before, rest)) = text.split_once("{member:") {
            let (number, after) = rest.split_once('}').context("`{member:` without an end")?;
            let member = self.visitor(told, number)?.member.as_ref().map(|member| member.id).context("nobody")?;
            text = format!("{before}{member}{after}");
        }
        Ok(text)
    }

    /// A member, by number.
    pub(super) fn visitor(&self, told: &Told<'_>, number: &str) -> anyhow::Result<Arc<Visitor>> {
        let found = self.members.get(number).or_else(|| told.joined.get(number));
        found.cloned().with_context(|| format!("there is no member {number}"))
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

/// The id of a row of a page's data.
fn row_of(data: &serde_json::Value, row: &RowOfPage) -> Option<String> {
    let rows = data.pointer(&row.list)?.as_array()?;
    let says = |found: &&serde_json::Value| ["title", "name"].iter().any(|key| found[*key] == row.says.as_str());
    rows.iter().find(says)?["id"].as_str().map(str::to_owned)
}
