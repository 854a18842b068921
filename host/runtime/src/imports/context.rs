//! `context`: what the call is about. It needs no permission; each answer becomes part of what the result depends on.

use crate::bindings::context::Host;
use crate::facts::{self, Fact};
use crate::loggable;
use crate::state::{CallState, Kind};
use chrono::{Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::ids::fresh_uuid;
use tsudoi_kernel::{Gate, Timestamp};

const MAX_RANDOM: u32 = 1_024;

impl Host for CallState {
    fn organisation(&mut self) -> wasmtime::Result<String> {
        self.enter(0)?;
        self.read_fact(Read::Fact("organisation".to_owned()));
        let organisation = &self.context.organisation;
        let answer = json!({
            "id": organisation.id,
            "slug": organisation.slug,
            "name": organisation.name,
            "locale": organisation.locale,
            "time-zone": organisation.time_zone,
            "currency": organisation.currency,
        })
        .to_string();
        self.carry(answer.len())?;
        Ok(answer)
    }

    fn locale(&mut self) -> wasmtime::Result<String> {
        self.enter(2)?;
        self.facts.add(Fact::Locale);
        Ok(self.context.locale.tag().to_owned())
    }

    fn visitor_kind(&mut self) -> wasmtime::Result<String> {
        self.enter(10)?;
        self.ask_visitor(Fact::Kind);
        Ok(self.context.visitor.kind().to_owned())
    }

    fn visitor_member(&mut self) -> wasmtime::Result<Option<String>> {
        self.enter(36)?;
        self.ask_visitor(Fact::Member);
        Ok(facts::member(&self.context.visitor).map(|id| id.to_string()))
    }

    fn visitor_tier(&mut self) -> wasmtime::Result<Option<String>> {
        self.enter(0)?;
        self.ask_visitor(Fact::Tier);
        Ok(facts::tier(&self.context.visitor).map(str::to_owned))
    }

    fn visitor_has_label(&mut self, label: String) -> wasmtime::Result<bool> {
        self.enter(label.len())?;
        let has = facts::has_label(&self.context.visitor, &label);
        self.ask_visitor(Fact::Label(label));
        Ok(has)
    }

    fn visitor_may(&mut self, permission: String) -> wasmtime::Result<bool> {
        self.enter(permission.len())?;
        let may = facts::may(&self.context, &permission);
        self.ask_visitor(Fact::May(permission));
        Ok(may)
    }

    fn may_enter(&mut self, gate: String) -> wasmtime::Result<bool> {
        self.enter(gate.len())?;
        let parsed = serde_json::from_str::<Gate>(&gate);
        if let Err(error) = &parsed {
            // Closed rather than ended: a plugin's data may hold such a gate, and its pages should still be shown.
            let plugin = self.context.installation.manifest.id.as_str();
            tracing::warn!(target: "plugin", plugin, "not a gate, so nobody may enter: {}", loggable(&error.to_string(), 200));
        }
        let gate = parsed.ok();
        let enters = facts::enters(&self.context.visitor, gate.as_ref());
        self.ask_visitor(Fact::Enters(gate));
        Ok(enters)
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        self.enter(8)?;
        self.valid_until(self.now);
        Ok(self.now.millis())
    }

    fn has_passed(&mut self, instant: u64) -> wasmtime::Result<bool> {
        self.enter(8)?;
        let passed = self.now.millis() >= instant;
        if !passed {
            self.valid_until(Timestamp::from_millis(i64::try_from(instant).unwrap_or(i64::MAX)));
        }
        Ok(passed)
    }

    fn today(&mut self) -> wasmtime::Result<String> {
        self.enter(10)?;
        self.read_fact(Read::Fact("organisation".to_owned()));
        let zone = self.context.organisation.time_zone.parse::<Tz>().unwrap_or(Tz::UTC);
        let today = self.now.to_utc().with_timezone(&zone).date_naive();
        let midnight = today.checked_add_days(Days::new(1)).map(|day| day.and_time(NaiveTime::MIN));
        if let Some(midnight) = midnight {
            // Some zones put their clocks forward at midnight: then the day begins an hour later.
            let start = zone
                .from_local_datetime(&midnight)
                .earliest()
                .or_else(|| zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest());
            if let Some(start) = start {
                self.valid_until(Timestamp::from_millis(start.with_timezone(&Utc).timestamp_millis()));
            }
        }
        Ok(today.to_string())
    }

    fn new_id(&mut self) -> wasmtime::Result<String> {
        self.enter(36)?;
        if self.kind == Kind::Query {
            return Err(self.refuse("`new-id` was called in a query: its answer must depend on what it reads alone"));
        }
        Ok(fresh_uuid(self.now, self.ports.random.as_ref()).to_string())
    }

    fn random(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        self.enter(length as usize)?;
        if self.kind == Kind::Query {
            return Err(self.refuse("`random` was called in a query: its answer must depend on what it reads alone"));
        }
        if length > MAX_RANDOM {
            return Err(self.refuse(format!("`random` gives at most {MAX_RANDOM} bytes")));
        }
        let mut bytes = vec![0; length as usize];
        self.ports.random.fill(&mut bytes);
        Ok(bytes)
    }

    fn setting(&mut self, key: String) -> wasmtime::Result<String> {
        self.enter(key.len())?;
        let installation = self.context.installation.clone();
        let Some(setting) = installation.manifest.settings.get(&key) else {
            return Err(self.refuse(format!("the manifest declares no setting `{}`", loggable(&key, 80))));
        };
        self.read_fact(Read::Fact(format!("setting:{}:{key}", installation.id)));
        let answer = installation.setting(&key, setting).to_string();
        self.carry(answer.len())?;
        Ok(answer)
    }

    fn translate(&mut self, key: String, args: String) -> wasmtime::Result<String> {
        self.enter(key.len() + args.len())?;
        let args = match serde_json::from_str::<Value>(&args) {
            Ok(args) if args.is_object() => args,
            _ => return Err(self.refuse("the arguments of `translate` are not a JSON object")),
        };
        self.facts.add(Fact::Locale);
        let answer = self.ports.translate.translate(&self.context.installation.package_hash, self.context.locale, &key, &args);
        self.carry(answer.len())?;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Bench, member, staff};
    use tsudoi_kernel::changes::ReadSet;
    use tsudoi_kernel::{Clock, Visitor};

    fn facts(state: &CallState) -> Vec<String> {
        let names = state.visitor_reads.iter().chain(state.reads.iter()).map(|(read, _)| match read {
            Read::Fact(name) => name.split(':').next().unwrap_or_default().to_owned(),
            Read::Member(_) => "member".to_owned(),
            other => panic!("{other:?}"),
        });
        names.collect()
    }

    #[test]
    fn every_answer_depends_on_the_installation_and_on_what_was_asked() {
        let mut state = Bench::new().visitor(member(7, Some("gold"))).state(Kind::Query);
        assert_eq!(facts(&state), ["installation"]);
        assert_eq!(state.locale().unwrap(), "ja");
        assert_eq!(facts(&state), ["installation"]);
        assert_eq!(state.visitor_tier().unwrap().as_deref(), Some("gold"));
        state.organisation().unwrap();
        assert_eq!(state.setting("open".into()).unwrap(), "true");
        assert_eq!(facts(&state), ["member", "installation", "organisation", "setting"]);
    }

    #[test]
    fn visitors_are_known_by_what_the_contract_calls_them() {
        for (visitor, kind) in [(Visitor::anonymous(), "anonymous"), (member(1, None), "member"), (Visitor::system(), "system")] {
            assert_eq!(Bench::new().visitor(visitor).state(Kind::Query).visitor_kind().unwrap(), kind);
        }
        let mut moderator = Bench::new().visitor(staff(&["sample:moderate"])).state(Kind::Query);
        assert_eq!(moderator.visitor_kind().unwrap(), "staff");
        assert!(moderator.visitor_may("moderate".into()).unwrap());
        let mut clerk = Bench::new().visitor(staff(&["site"])).state(Kind::Query);
        assert!(!clerk.visitor_may("moderate".into()).unwrap());
        assert!(!clerk.visitor_may("site".into()).unwrap(), "the host's own permissions are no business of a plugin");
    }

    #[test]
    fn a_gate_that_makes_no_sense_admits_nobody() {
        let mut state = Bench::new().visitor(member(1, Some("gold"))).state(Kind::Query);
        assert!(state.may_enter(r#"{"kind":"tiers","tiers":["gold"]}"#.into()).unwrap());
        assert!(!state.may_enter(r#"{"kind":"staff"}"#.into()).unwrap());
        assert!(!state.may_enter("everyone".into()).unwrap());
    }

    #[test]
    fn who_asks_a_gate_for_a_segment_depends_on_what_the_rule_read() {
        let document = |n| Read::Document { installation: Bench::installation(), collection: "posts".into(), id: uuid::Uuid::from_u128(n) };
        let found = |n| {
            let mut reads = ReadSet::default();
            reads.add(document(n), 9);
            reads
        };
        let segments = [("regulars".to_owned(), true, found(1)), ("veterans".to_owned(), false, found(2))].into_iter().collect();
        let mut state = Bench::new().visitor(Visitor { segments, ..member(7, None) }).state(Kind::Command);
        assert!(state.may_enter(r#"{"kind":"segments","segments":["regulars"]}"#.into()).unwrap());
        assert!(!state.may_enter(r#"{"kind":"segments","segments":["nobody"]}"#.into()).unwrap());
        let reads: Vec<_> = state.visitor_reads.iter().map(|(read, number)| (read.clone(), number)).collect();
        assert!(reads.contains(&(document(1), 9)), "{reads:?}");
        assert!(!reads.iter().any(|(read, _)| *read == document(2)), "nobody asked about the other segment");
        assert_eq!(state.latest, 9);
    }

    #[test]
    fn a_query_gets_no_ids_and_no_random_bytes() {
        let mut query = Bench::new().state(Kind::Query);
        assert!(query.new_id().unwrap_err().to_string().contains("in a query"));
        assert!(query.random(8).unwrap_err().to_string().contains("in a query"));
        let mut command = Bench::new().state(Kind::Command);
        assert_ne!(command.new_id().unwrap(), command.new_id().unwrap());
        assert_eq!(command.random(8).unwrap().len(), 8);
        assert!(command.random(1_025).is_err());
    }

    #[test]
    fn an_answer_about_time_says_how_long_it_holds() {
        let bench = Bench::new();
        let now = bench.clock.now();
        let mut state = bench.state(Kind::Query);
        assert!(state.has_passed(now.millis()).unwrap());
        assert_eq!(state.until, None);
        assert!(!state.has_passed(now.plus_seconds(60).millis()).unwrap());
        assert_eq!(state.until, Some(now.plus_seconds(60)));
        assert!(!state.has_passed(now.plus_seconds(90).millis()).unwrap());
        assert_eq!(state.until, Some(now.plus_seconds(60)));
        state.now().unwrap();
        assert_eq!(state.until, Some(now));
    }

    #[test]
    fn today_is_the_organisations_date_until_its_midnight() {
        // 2026-11-22 15:30 UTC is half past midnight of the 23rd in Tokyo.
        let bench = Bench::new().at("2026-11-22T15:30:00Z");
        let mut state = bench.state(Kind::Query);
        assert_eq!(state.today().unwrap(), "2026-11-23");
        let midnight = chrono::DateTime::parse_from_rfc3339("2026-11-24T00:00:00+09:00").unwrap();
        assert_eq!(state.until, Some(Timestamp::from_millis(midnight.timestamp_millis())));
    }

    #[test]
    fn an_undeclared_setting_is_a_mistake_of_the_plugin() {
        let mut state = Bench::new().state(Kind::Query);
        assert_eq!(state.setting("closed".into()).unwrap_err().to_string(), "the manifest declares no setting `closed`");
    }

    #[test]
    fn messages_come_from_the_packages_own_files() {
        let mut state = Bench::new().state(Kind::Query);
        assert_eq!(state.translate("welcome".into(), r#"{"name":"花子"}"#.into()).unwrap(), "ja:welcome:花子");
        assert!(state.translate("welcome".into(), "[]".into()).is_err());
    }
}
