//! What an operator finds after making an organisation, or instead of it.

use super::*;
use crate::pages::{PagePath, PageView};
use crate::testing::{TestServices, services, services_on_each};
use crate::visits::OrganisationKey;

fn wanted(locale: Locale) -> NewOrganisation {
    NewOrganisation {
        slug: "lumen".into(),
        name: "Lumen *Society*".into(),
        locale,
        time_zone: "Europe/London".into(),
        currency: "GBP".into(),
        hosts: vec!["WWW.Lumen.Example".into(), "日本.example".into()],
        contact_email: None,
    }
}

async fn text_of(house: &TestServices, path: &str) -> (String, String) {
    let visit = house.anonymous_at("lumen").await;
    match house.services.page_at(&visit, &PagePath::parse(path).unwrap()).await.unwrap() {
        PageView::Open(page) => (page.body.title.clone(), page.body.text.clone()),
        other => panic!("{path}: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_organisation_has_a_site_in_its_language() {
    for (locale, home) in [(Locale::Ja, "ホーム"), (Locale::En, "Home")] {
        let house = services().await;
        house.services.create_organisation(wanted(locale)).await.unwrap();
        let visit = house.anonymous_at("lumen").await;
        assert_eq!(visit.locale, locale);
        let (title, text) = text_of(&house, "/").await;
        assert_eq!(title, home);
        assert!(text.contains("Lumen \\*Society\\*"), "{text}");
        // Every entry of the menus leads to a page that everyone can read, and nothing is left to fill in.
        let frame = &visit.frame;
        assert!(frame.menu.len() == 3 && frame.footer_menu.len() == 2);
        for item in frame.menu.iter().chain(&frame.footer_menu) {
            let (title, text) = text_of(&house, &item.path).await;
            assert_eq!(item.label.get(locale), title);
            assert!(!text.contains(['{', '}']), "{text}");
        }
    }
}

#[tokio::test]
async fn its_domains_lead_to_it_in_the_spelling_of_browsers() {
    let house = services().await;
    let made = house.services.create_organisation(wanted(Locale::En)).await.unwrap();
    for host in ["www.lumen.example", "xn--wgv71a.example"] {
        let visit = house.services.visit(&OrganisationKey::Host(host.into())).await.unwrap();
        assert_eq!(visit.map(|visit| visit.organisation.id), Some(made.id), "{host}");
    }
}

#[tokio::test]
async fn a_contact_address_is_on_the_contact_page() {
    let house = services().await;
    let wanted = NewOrganisation { contact_email: "office@lumen.example".parse().ok(), ..wanted(Locale::En) };
    house.services.create_organisation(wanted).await.unwrap();
    assert!(text_of(&house, "/contact").await.1.contains("[office@lumen.example](mailto:office@lumen.example)"));
    assert_eq!(house.anonymous_at("lumen").await.frame.contact_email, "office@lumen.example");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_made() {
    let house = services().await;
    let fine = || wanted(Locale::En);
    for (wrong, told) in [
        (NewOrganisation { slug: "Lumen".into(), ..fine() }, "--slug `Lumen`"),
        (NewOrganisation { name: " ".into(), ..fine() }, "--name"),
        (NewOrganisation { time_zone: "London".into(), ..fine() }, "--time-zone `London`"),
        (NewOrganisation { currency: "yen".into(), ..fine() }, "--currency `yen`"),
        (NewOrganisation { hosts: vec!["http://lumen.example".into()], ..fine() }, "--host `http://lumen.example`"),
        (NewOrganisation { hosts: vec!["lumen.example:8080".into()], ..fine() }, "--host"),
        (NewOrganisation { hosts: vec!["127.0.0.1".into()], ..fine() }, "--host"),
        (NewOrganisation { slug: "club".into(), ..fine() }, "the slug `club` is taken"),
    ] {
        let error = house.services.create_organisation(wrong).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    let slugs = house.database.store.organisations_all_organisations().await.unwrap();
    assert_eq!(slugs.iter().map(|organisation| organisation.slug.as_str()).collect::<Vec<_>>(), ["club"]);
}

#[tokio::test]
async fn two_organisations_share_neither_slug_nor_domain() {
    for house in services_on_each().await {
        house.services.create_organisation(wanted(Locale::En)).await.unwrap();
        let error = house.services.create_organisation(wanted(Locale::En)).await.unwrap_err();
        assert!(matches!(error, OrganisationError::SlugTaken(_)), "{error}");
        let second = NewOrganisation { slug: "other".into(), ..wanted(Locale::En) };
        let error = house.services.create_organisation(second).await.unwrap_err();
        assert!(matches!(error, OrganisationError::HostTaken(_)), "{error}");
    }
}

#[tokio::test]
async fn links_in_its_mails_lead_to_it() {
    let house = services().await;
    let made = house.services.create_organisation(wanted(Locale::En)).await.unwrap();
    // `https://{slug}.example` is the public address in tests.
    assert_eq!(house.services.hosts(&made).await.unwrap(), ["lumen.example", "www.lumen.example", "xn--wgv71a.example"]);
    assert_eq!(house.services.public_host(&made).as_deref(), Some("lumen.example"));
    let local = house.reopened(|settings| settings.public_url = "http://{slug}.localhost:8080".into());
    assert_eq!(local.services.public_host(&made), None);
}

#[tokio::test]
async fn domains_come_and_go() {
    let house = services().await;
    let made = house.services.create_organisation(NewOrganisation { hosts: Vec::new(), ..wanted(Locale::En) }).await.unwrap();
    house.services.add_host(&made, "Lumen.Example.org").await.unwrap();
    assert_eq!(house.services.hosts(&made).await.unwrap(), ["lumen.example", "lumen.example.org"]);
    let taken = house.services.add_host(&house.organisation, "lumen.example.org").await.unwrap_err();
    assert!(matches!(taken, OrganisationError::HostTaken(_)), "{taken}");
    // Another organisation's domain can't be removed.
    let other = house.services.remove_host(&house.organisation, "lumen.example.org").await.unwrap_err();
    assert!(matches!(other, OrganisationError::NoSuchHost(_)), "{other}");
    house.services.remove_host(&made, "lumen.example.org").await.unwrap();
    assert_eq!(house.services.hosts(&made).await.unwrap(), ["lumen.example"]);
}
