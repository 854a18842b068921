//! Charging members by what they saved, on both databases.

use super::gateways_tests::{commit, gateway};
use super::tests::{agrees, balance, issued, set_up, standing};
use super::*;
use crate::testing::{TestServices, services_on_each};
use std::sync::atomic::Ordering;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::billing::SavedMethod;
use tsudoi_kernel::effects::Effect;
use uuid::Uuid;

pub(crate) async fn saved(house: &TestServices, member: MemberId, label: Option<&str>) {
    let method = SavedMethod { id: house.money_token(), plugin: "pay".into(), member, label: label.map(str::to_owned) };
    commit(house, vec![Effect::KeepMethod(method)]).await;
}

async fn charges(house: &TestServices, invoice: Uuid) -> Vec<GatewayCharge> {
    house.store().organisation(house.organisation.id).gateway_charges(invoice).await.unwrap()
}

async fn paid_in_cash(house: &TestServices, invoice: Uuid, amount: &str) {
    let visit = house.anonymous().await;
    let input = PaymentInput {
        method: "cash".into(),
        amount: amount.into(),
        reference: String::new(),
        received_on: house.today_of(&visit).to_string(),
        note: String::new(),
        token: house.money_token(),
    };
    house.editor(&visit).record_payment(&visit, invoice, &input).await.unwrap();
}

#[tokio::test]
async fn a_member_is_charged_once_though_the_gateway_is_asked_until_it_answers() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        saved(&house, member, Some("Visa •••• 4242")).await;
        let (visit, editor) = (house.anonymous().await, house.editor(&house.anonymous().await));
        let invoice = issued(&house, member, "3000").await;
        let file = house.invoice_file(&visit, invoice).await.unwrap();
        assert_eq!(file.chargeable, Some(("pay".into(), "Visa •••• 4242".into())), "{}", house.database.name);
        let token = house.money_token();
        house.plugins.declines.store(2, Ordering::SeqCst);
        assert_eq!(editor.charge_saved(&visit, invoice, token).await.unwrap(), WishState::Asked);
        // The same form again is the same wish; another one waits for this one.
        assert_eq!(editor.charge_saved(&visit, invoice, token).await.unwrap(), WishState::Asked);
        let another = editor.charge_saved(&visit, invoice, house.money_token()).await;
        assert!(matches!(another, Err(ServiceError::Changed)), "{another:?}");
        // What comes in meanwhile changes nothing of what is asked for: the first try may be under way.
        paid_in_cash(&house, invoice, "1000").await;
        house.clock.pass(600);
        assert_eq!(house.ask_gateways().await.unwrap(), 1);
        house.clock.pass(600);
        assert_eq!(house.ask_gateways().await.unwrap(), 0);
        let asked = house.plugins.charged.lock().unwrap().clone();
        assert!(asked.len() == 3 && asked.iter().all(|one| *one == (token.to_string(), 3_000)), "{asked:?}");
        assert_eq!(standing(&house, invoice).await, Standing::Paid);
        assert_eq!(balance(&house, "assets:clearing:pay").await, 3_000);
        assert_eq!(balance(&house, "liabilities:member-credit").await, -1_000);
        agrees(&house, &[invoice]).await;
    }
}

#[tokio::test]
async fn what_was_paid_otherwise_or_has_no_method_any_more_is_not_charged() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        saved(&house, member, Some("Visa •••• 4242")).await;
        let visit = house.anonymous().await;
        let plan = async |invoice: Uuid| {
            let charge = GatewayCharge {
                organisation: house.organisation.id,
                id: house.money_token(),
                plugin: "pay".into(),
                invoice,
                member,
                amount: None,
                state: WishState::Asked,
                attempts: 0,
                due: house.now().plus_seconds(86_400),
                detail: String::new(),
                by: None,
            };
            let transaction = house.store().organisation(house.organisation.id).begin_change(house.now()).await.unwrap();
            assert!(transaction.plan_charge(&charge).await.unwrap());
            transaction.commit().await.unwrap();
        };
        let paid = issued(&house, member, "3000").await;
        plan(paid).await;
        paid_in_cash(&house, paid, "3000").await;
        house.clock.pass(90_000);
        assert_eq!(house.ask_gateways().await.unwrap(), 1);
        assert_eq!(charges(&house, paid).await[0].state, WishState::Dropped, "{}", house.database.name);
        let other = issued(&house, member, "4000").await;
        plan(other).await;
        saved(&house, member, None).await;
        house.clock.pass(90_000);
        assert_eq!(house.ask_gateways().await.unwrap(), 0);
        assert_eq!(charges(&house, other).await[0].state, WishState::Dropped);
        assert_eq!(house.invoice_file(&visit, other).await.unwrap().chargeable, None);
        assert!(house.plugins.charged.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_charge_that_fails_is_told_to_the_member_and_shown_to_staff() {
    for house in services_on_each().await {
        let member = set_up(&house).await;
        gateway(&house).await;
        saved(&house, member, Some("Visa •••• 4242")).await;
        let visit = house.anonymous().await;
        let invoice = issued(&house, member, "3000").await;
        *house.plugins.settles_as.lock().unwrap() = Some(Outcome::Failed);
        let state = house.editor(&visit).charge_saved(&visit, invoice, house.money_token()).await.unwrap();
        assert_eq!(state, WishState::Failed, "{}", house.database.name);
        let file = house.invoice_file(&visit, invoice).await.unwrap();
        assert_eq!((file.charges[0].state, file.reports[0].state), (WishState::Failed, Outcome::Failed));
        assert!(file.chargeable.is_some(), "it can be tried again, with another key");
        assert_eq!(standing(&house, invoice).await, Standing::Open);
        let told = house.mails_to("hanako@example.jp").await.concat();
        assert!(told.contains("お支払いができませんでした") && told.contains("Visa •••• 4242"), "{told}");
    }
}
