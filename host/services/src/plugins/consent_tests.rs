//! Consent, the grant, and who decides about both.

use super::*;
use crate::testing::{TestServices, services, services_on_each};
use serde_json::{Value, json};
use tsudoi_kernel::changes::installation_fact;

fn asking(interfaces: &[&str], fields: &[&str]) -> Value {
    let permission =
        |interface: &&str| json!({ "interface": interface, "why": { "ja": "使います" }, "optional": *interface == "activities" });
    json!({ "permissions": interfaces.iter().map(permission).collect::<Vec<_>>(), "member-fields": fields })
}

fn editor(house: &TestServices) -> Editor {
    house.editor_of(house.organisation.id, None)
}

async fn installed(house: &TestServices) -> Installation {
    editor(house).installed("parrot").await.unwrap()
}

async fn actions(house: &TestServices) -> Vec<(String, String)> {
    let entries = house.plugin_audit(&house.anonymous().await, 20).await.unwrap();
    entries.into_iter().rev().map(|entry| (entry.action, entry.detail)).collect()
}

#[tokio::test]
async fn an_update_that_asks_for_more_waits_for_consent() {
    for house in services_on_each().await {
        let first = house.parrot_package("parrot", "1.0.0", asking(&["members-read"], &["display-name"])).await;
        editor(&house).enable_plugin("parrot", &Consent::to_all(&first)).await.unwrap();
        let second = house.parrot_package("parrot", "1.1.0", asking(&["members-read", "store"], &["display-name", "tier"])).await;
        assert_eq!(installed(&house).await.package_hash, first.hash, "the old version runs on");
        // Agreeing to what was shown before is no consent to what is asked for now.
        let old = Consent { package_hash: second.hash.clone(), ..Consent::to_all(&first) };
        let refused = editor(&house).enable_plugin("parrot", &old).await.unwrap_err();
        assert!(matches!(&refused, EnableError::Needed(missing) if *missing == ["store"]), "{refused}");
        let refused = editor(&house).enable_plugin("parrot", &Consent::to_all(&first)).await.unwrap_err();
        assert!(matches!(refused, EnableError::Changed), "{refused}");
        assert_eq!(installed(&house).await.manifest.version, "1.0.0");
        editor(&house).enable_plugin("parrot", &Consent::to_all(&second)).await.unwrap();
        assert_eq!(installed(&house).await.manifest.version, "1.0.0", "it runs on while its documents are copied");
        house.carry_on_upgrades().await.unwrap();
        let now = installed(&house).await;
        assert_eq!((now.manifest.version.as_str(), now.granted.len(), now.member_fields.len()), ("1.1.0", 2, 2));
    }
}

#[tokio::test]
async fn a_lower_version_is_never_offered() {
    let house = services().await;
    let high = house.parrot_package("parrot", "0.10.0", asking(&[], &[])).await;
    let low = house.parrot_package("parrot", "0.9.0", asking(&[], &[])).await;
    assert_eq!(house.newest_package("parrot").await.unwrap().unwrap().hash, high.hash, "though the lower one was installed last");
    let refused = editor(&house).enable_plugin("parrot", &Consent::to_all(&low)).await.unwrap_err();
    assert!(matches!(refused, EnableError::Changed), "{refused}");
    editor(&house).enable_plugin("parrot", &Consent::to_all(&high)).await.unwrap();
    assert_eq!(installed(&house).await.package_hash, high.hash);
}

#[tokio::test]
async fn staff_leave_out_fields_and_what_is_optional_and_nothing_else() {
    for house in services_on_each().await {
        let package = house.parrot_package("parrot", "1.0.0", asking(&["members-read", "activities"], &["display-name", "tier"])).await;
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let consent = |interfaces: &[&str], fields: &[&str]| Consent {
            package_hash: package.hash.clone(),
            interfaces: set(interfaces),
            member_fields: set(fields),
            take_up: None,
        };
        let all = Consent::to_all(&package);
        editor(&house).enable_plugin("parrot", &all).await.unwrap();
        editor(&house).change_grant("parrot", &consent(&["members-read"], &["tier"])).await.unwrap();
        let now = installed(&house).await;
        assert_eq!(
            (now.granted, now.member_fields, now.enabled),
            (set(&["members-read"]), set(&["tier"]), true),
            "{}",
            house.database.name
        );
        let refused = editor(&house).change_grant("parrot", &consent(&["activities"], &[])).await.unwrap_err();
        assert!(matches!(&refused, EnableError::Needed(missing) if *missing == ["members-read"]), "{refused}");
        let more = consent(&["members-read", "http-client"], &[]);
        assert!(matches!(editor(&house).change_grant("parrot", &more).await.unwrap_err(), EnableError::Changed));
        assert_eq!(installed(&house).await.member_fields, set(&["tier"]), "what was refused changed nothing");
    }
}

#[tokio::test]
async fn a_grant_that_changes_reaches_calls_that_are_under_way() {
    use tsudoi_kernel::ports::PluginData;
    for house in services_on_each().await {
        let package = house.parrot_package("parrot", "1.0.0", asking(&["members-read"], &["tier"])).await;
        editor(&house).enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
        let id = installed(&house).await.id;
        let before = house.anonymous().await.number;
        let narrower = Consent { member_fields: BTreeSet::new(), ..Consent::to_all(&package) };
        editor(&house).change_grant("parrot", &narrower).await.unwrap();
        let changes = house.store().changes(house.organisation.id, before, before + 1).await.unwrap().unwrap();
        // Every read set holds this fact: whatever began before is not answered from the old grant.
        assert!(changes[0].1.facts.contains(&installation_fact(id)), "{changes:?}");
    }
}

#[tokio::test]
async fn what_the_operator_forbids_can_not_be_enabled_and_is_gone_where_it_was() {
    let house = services().await;
    house.parrot("parrot", json!([{ "name": "home", "method": "GET", "path": "/", "area": "site" }])).await;
    let needy = house.parrot_package("needy", "1.0.0", asking(&["members-read"], &[])).await;
    let strict = house.reopened(|settings| {
        settings.policy.forbid = vec!["parrot".into()];
        settings.policy.forbid_permissions = vec!["members-read".into()];
    });
    let visit = strict.anonymous().await;
    assert!(strict.visit_plugin(&visit, "parrot", "r".into()).await.unwrap().is_none());
    let listed = strict.plugin_switchboard(&strict.of(&visit)).await.unwrap();
    assert_eq!(listed.iter().map(|summary| summary.manifest.id.as_str()).collect::<Vec<_>>(), ["needy"]);
    let refused = editor(&strict).enable_plugin("needy", &Consent::to_all(&needy)).await.unwrap_err();
    assert!(matches!(refused, EnableError::Forbidden), "{refused}");
    assert!(house.visit_plugin(&visit, "parrot", "r".into()).await.unwrap().is_some(), "without the policy it is there again");
}

#[tokio::test]
async fn everything_that_is_done_with_a_plugin_is_written_down() {
    for house in services_on_each().await {
        let package = house.parrot_package("parrot", "1.0.0", asking(&["members-read"], &["tier"])).await;
        let all = Consent::to_all(&package);
        editor(&house).enable_plugin("parrot", &all).await.unwrap();
        house.clock.pass(1);
        editor(&house).change_grant("parrot", &Consent { member_fields: BTreeSet::new(), ..all }).await.unwrap();
        house.clock.pass(1);
        editor(&house).disable_plugin("parrot").await.unwrap();
        let found = actions(&house).await;
        let expected =
            ["plugin-enabled", "plugin-grant-changed", "plugin-disabled"].map(|action| (action.to_owned(), "parrot 1.0.0".to_owned()));
        assert_eq!(found, expected, "{}", house.database.name);
    }
}
