//! Making segments: what staff choose from, saving, and what stands in the way of deleting one.

use super::MOST_SEGMENTS;
use crate::editor::Editor;
use crate::pages::{Audience, Named};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tsudoi_kernel::locale::{Locale, Localised};
use tsudoi_kernel::manifest::{Manifest, RuleDeclaration};
use tsudoi_kernel::segment::{Segment, SegmentRule, Test};
use tsudoi_kernel::{Gate, segment::RuleUse};

const LONGEST_NAME: usize = 60;
const FILES_AT_ONCE: u32 = 500;

/// A rule of an enabled plugin.
#[derive(Debug, Clone)]
pub struct RuleChoice {
    pub manifest: Arc<Manifest>,
    pub rule: RuleDeclaration,
}

/// What conditions are made of.
#[derive(Debug, Clone)]
pub struct SegmentChoices {
    pub audience: Audience,
    /// By the word that forms use for them, `plugin/rule`.
    pub rules: BTreeMap<String, RuleChoice>,
}

/// What names a segment in its gate, by title or name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SegmentUses {
    pub pages: Vec<String>,
    pub files: Vec<String>,
    pub forms: Vec<String>,
    /// Drafts, and those that are not over.
    pub mailings: Vec<String>,
}

impl SegmentUses {
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.files.is_empty() && self.forms.is_empty() && self.mailings.is_empty()
    }
}

impl SegmentChoices {
    /// The message for a condition that names nobody, or what there is not.
    fn objection(&self, rule: &SegmentRule) -> Option<&'static str> {
        let known = |chosen: &BTreeSet<String>, named: &[Named]| {
            !chosen.is_empty() && chosen.iter().all(|key| named.iter().any(|named| named.key == *key))
        };
        let objection = |test: &Test| match test {
            Test::Tiers { tiers } => (!known(tiers, &self.audience.tiers)).then_some("segments-no-tier"),
            Test::Labels { labels } => (!known(labels, &self.audience.labels)).then_some("segments-no-label"),
            Test::Types { types } => (!known(types, &self.audience.types)).then_some("segments-no-type"),
            Test::Status { status } => status.is_empty().then_some("segments-no-status"),
            Test::Rule(used) => {
                let choice = self.rules.get(&name_of(used));
                let fits = choice.is_some_and(|choice| used.complete(&choice.manifest).is_some());
                (!fits).then_some("segments-no-rule")
            }
        };
        match rule.conditions.len() {
            0 => Some("segments-no-condition"),
            n if n > SegmentRule::MOST_CONDITIONS => Some("segments-too-many-conditions"),
            _ => rule.conditions.iter().find_map(|condition| objection(&condition.test)),
        }
    }
}

fn name_field(locale: Locale) -> String {
    format!("name_{}", locale.tag())
}

/// The word that forms use for a rule.
fn name_of(rule: &RuleUse) -> String {
    format!("{}/{}", rule.plugin, rule.rule)
}

impl Services {
    /// All that the organisation has, by key, as they were at the visit's number or later.
    pub async fn segments(&self, visit: &Visit) -> Result<Arc<Vec<Segment>>, ServiceError> {
        self.recent_segments(visit).await
    }

    pub async fn segment_choices(&self, visit: &Visit) -> Result<SegmentChoices, ServiceError> {
        let mut rules = BTreeMap::new();
        for (installation, _) in self.installations(visit).await?.iter().filter(|(installation, _)| self.is_on(installation)) {
            for rule in &installation.manifest.rules {
                let choice = RuleChoice { manifest: installation.manifest.clone(), rule: rule.clone() };
                rules.insert(format!("{}/{}", installation.manifest.id, rule.name), choice);
            }
        }
        Ok(SegmentChoices { audience: self.of(visit).audience().await?, rules })
    }

    /// Names what a segment is now: a form says which state it began with.
    pub fn segment_state(&self, segment: &Segment) -> Result<String, ServiceError> {
        let name = serde_json::to_string(&segment.name)?;
        Ok(self.sign("segment", &[&segment.key, &name, &serde_json::to_string(&segment.rule)?]))
    }

    pub async fn segment_uses(&self, visit: &Visit, key: &str) -> Result<SegmentUses, ServiceError> {
        let names = |gate: &Gate| matches!(gate, Gate::Segments { segments } if segments.contains(key));
        let pages = self.pages(visit).await?.into_iter().filter(|page| names(&page.body.gate)).map(|page| page.body.title).collect();
        let forms = self.forms(visit).await?.into_iter().map(|listed| listed.form.form).filter(|form| names(&form.gate));
        let forms = forms.map(|form| form.name.get(visit.locale).to_owned()).collect();
        let mailings = self.of(visit).open_mailings().await?.into_iter().filter(|record| names(&record.mailing.gate));
        let mailings: Vec<String> = mailings.map(|record| record.mailing.subject.get(visit.locale).to_owned()).collect();
        let (mut files, mut before) = (Vec::new(), None);
        loop {
            let some = self.of(visit).files(false, before, FILES_AT_ONCE).await?;
            let Some(last) = some.last() else { return Ok(SegmentUses { pages, files, forms, mailings }) };
            before = Some(last.id);
            files.extend(some.into_iter().filter(|file| names(&file.gate)).map(|file| file.name));
        }
    }
}

impl Editor {
    /// Makes a segment, or changes the one of `key` where it is as it was when `seen` was made. Answers its key. `name` is in
    /// Japanese and English; the one in the organisation's language must be there. Fields that are not in order are
    /// [`ServiceError::Invalid`]: `name_ja`, `name_en`, `conditions`.
    pub async fn save_segment(
        &self,
        visit: &Visit,
        key: Option<&str>,
        seen: &str,
        name: [&str; 2],
        rule: SegmentRule,
    ) -> Result<String, ServiceError> {
        let mut errors = Vec::new();
        let [ja, en] = name.map(str::trim);
        for (locale, text) in [(Locale::Ja, ja), (Locale::En, en)] {
            if text.is_empty() && locale == visit.organisation.locale {
                errors.push((name_field(locale), "error-required"));
            }
            if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
                errors.push((name_field(locale), "segments-name-too-long"));
            }
        }
        if let Some(message) = self.services.segment_choices(visit).await?.objection(&rule) {
            errors.push(("conditions".to_owned(), message));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let given = [(Locale::Ja, ja), (Locale::En, en)].into_iter().filter(|(_, text)| !text.is_empty());
        let name = Localised(given.map(|(locale, text)| (locale, text.to_owned())).collect());
        let mut transaction = self.begin().await?;
        let (key, action) = match key {
            Some(key) => {
                let current = transaction.current_segment(key).await?.ok_or(ServiceError::NotFound)?;
                if self.services.segment_state(&current)? != seen {
                    return Err(ServiceError::Changed);
                }
                (key.to_owned(), "segment-changed")
            }
            None if self.store.segments().await?.len() >= MOST_SEGMENTS => {
                return Err(ServiceError::Invalid(vec![(name_field(visit.organisation.locale), "segments-too-many")]));
            }
            // Never that of one before it: gates that still name a deleted segment shall not open for another.
            None => (format!("list-{}", &self.services.fresh_id().simple().to_string()[20..]), "segment-made"),
        };
        let own_name = name.get(visit.organisation.locale).to_owned();
        transaction.set_segment(&Segment { key: key.clone(), name, rule }).await?;
        self.record(&transaction, action, format!("segment:{key}"), &own_name).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// Refused with [`ServiceError::Invalid`] while a page, a file, a form or a mailing that is not over names it.
    pub async fn delete_segment(&self, visit: &Visit, key: &str) -> Result<(), ServiceError> {
        if !self.services.segment_uses(visit, key).await?.is_empty() {
            return Err(ServiceError::Invalid(vec![("conditions".to_owned(), "segments-in-use")]));
        }
        let mut transaction = self.begin().await?;
        let segment = transaction.current_segment(key).await?.ok_or(ServiceError::NotFound)?;
        transaction.delete_segment(key).await?;
        self.record(&transaction, "segment-deleted", format!("segment:{key}"), segment.name.get(visit.organisation.locale)).await?;
        transaction.commit().await?;
        Ok(())
    }
}
