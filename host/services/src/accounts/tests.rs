//! Signing in as people meet it: by password, by mailed code, by link.

use super::{AccountsError, Attempt, NextPath, PasswordFault, SignIn};
use crate::testing::{TestServices, services, services_on_each};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::{Email, Permission};

const PASSWORD: &str = "stars over the bay";

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

async fn try_password(services: &Services, visit: &Visit, identifier: &str, password: &str) -> Result<SignIn, AccountsError> {
    services.sign_in(visit, Attempt { identifier, password, client: "192.0.2.1", agent: "Firefox" }).await
}

fn token(sign_in: Result<SignIn, AccountsError>) -> String {
    match sign_in {
        Ok(SignIn::Done(token)) => token,
        other => panic!("not signed in: {other:?}"),
    }
}

fn ticket(sign_in: Result<SignIn, AccountsError>) -> (String, Vec<(String, String)>) {
    match sign_in {
        Ok(SignIn::Choose { ticket, choices }) => (ticket, choices.into_iter().map(|choice| (choice.id(), choice.number)).collect()),
        other => panic!("nobody to choose among: {other:?}"),
    }
}

/// Asks for a code and reads the mail.
async fn mailed_code(house: &TestServices, visit: &Visit, address: &str) -> (String, String) {
    let id = house.services.send_code(visit, &email(address), &NextPath::parse("/"), "192.0.2.1").await.unwrap();
    let mail = house.mails_to(address).await.into_iter().next().expect("a mail");
    let code = mail.lines().find_map(|line| line.strip_prefix("番号: ")).expect("a code").to_owned();
    (id.to_string(), code)
}

async fn enter_code(house: &TestServices, visit: &Visit, challenge: &str, code: &str) -> Result<SignIn, AccountsError> {
    house.services.sign_in_by_code(visit, challenge, code, "192.0.2.1", "Firefox").await
}

/// The challenge and the code in each link of a mail.
fn links(mail: &str) -> Vec<(String, String)> {
    let links = mail.lines().filter_map(|line| url::Url::parse(line.trim()).ok()).filter(|url| url.query().is_some());
    let value = |url: &url::Url, name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    links.filter_map(|url| Some((value(&url, "challenge")?, value(&url, "code")?))).collect()
}

#[tokio::test]
async fn a_member_signs_in_by_address_or_number_in_any_width_and_case() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    let member = house.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    let visit = house.anonymous().await;
    for identifier in ["hanako@example.jp", " Hanako@Example.JP", "H-0001", "h-0001", "Ｈ－０００１"] {
        let token = token(try_password(&house.services, &visit, identifier, PASSWORD).await);
        let seen = house.recognised(&token).await;
        assert_eq!(seen.visitor.member.as_ref().map(|member| member.id), Some(member), "{identifier}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    house.member("H-0002", Some("no-account@example.jp"), None).await;
    let visit = house.anonymous().await;
    for identifier in ["hanako@example.jp", "nobody@example.jp", "no-account@example.jp", "H-0001", "H-9999", "", "a b@"] {
        let answer = try_password(&house.services, &visit, identifier, "not the password").await;
        assert!(matches!(answer, Err(AccountsError::WrongPassword)), "{identifier}: {answer:?}");
    }
}

#[tokio::test]
async fn a_family_that_shares_an_account_is_asked_who_it_is() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    let first = house.member("H-0004", Some("family@example.jp"), Some(account)).await;
    let second = house.member("H-0005", Some("family@example.jp"), Some(account)).await;
    let visit = house.anonymous().await;
    let (ticket, choices) = ticket(try_password(&house.services, &visit, "family@example.jp", PASSWORD).await);
    assert_eq!(choices, [(first.to_string(), "H-0004".to_owned()), (second.to_string(), "H-0005".to_owned())]);

    let stranger = house.member("H-0009", None, None).await;
    let refused = house.services.choose(&visit, &ticket, &stranger.to_string(), "Firefox").await;
    assert!(matches!(refused, Err(AccountsError::Service(ServiceError::NotFound))));
    let guessed = house.services.choose(&visit, &format!("{}x", ticket), &second.to_string(), "Firefox").await;
    assert!(matches!(guessed, Err(AccountsError::Over)));

    let token = house.services.choose(&visit, &ticket, &second.to_string(), "Firefox").await.unwrap();
    assert_eq!(house.recognised(&token).await.visitor.member.as_ref().map(|member| member.id), Some(second));
    let again = house.services.choose(&visit, &ticket, &first.to_string(), "Firefox").await;
    assert!(matches!(again, Err(AccountsError::Over)), "a ticket works once");

    let by_number = self::token(try_password(&house.services, &visit, "H-0005", PASSWORD).await);
    assert_eq!(house.recognised(&by_number).await.visitor.member.as_ref().map(|member| member.id), Some(second));
}

#[tokio::test]
async fn after_ten_wrong_passwords_even_the_right_one_waits() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    let visit = house.anonymous().await;
    for _ in 0..10 {
        assert!(matches!(try_password(&house.services, &visit, "hanako@example.jp", "wrong").await, Err(AccountsError::WrongPassword)));
    }
    let answer = try_password(&house.services, &visit, "HANAKO@example.jp", PASSWORD).await;
    assert!(matches!(answer, Err(AccountsError::Service(ServiceError::TooMany { retry_after: 30 }))), "{answer:?}");
    house.clock.pass(30);
    token(try_password(&house.services, &visit, "hanako@example.jp", PASSWORD).await);
}

#[tokio::test]
async fn tries_for_a_number_are_counted_together_in_whatever_letters() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.member("MI-1", None, Some(account)).await;
    let visit = house.anonymous().await;
    for _ in 0..10 {
        assert!(matches!(try_password(&house.services, &visit, "mi-1", "wrong").await, Err(AccountsError::WrongPassword)));
    }
    // A capital I again, by way of the small letter without a dot.
    let answer = try_password(&house.services, &visit, "mı-1", PASSWORD).await;
    assert!(matches!(answer, Err(AccountsError::Service(ServiceError::TooMany { .. }))), "{answer:?}");
}

#[tokio::test]
async fn a_code_can_be_tried_five_times() {
    let house = services().await;
    house.member("H-0001", Some("hanako@example.jp"), None).await;
    let visit = house.anonymous().await;
    let (challenge, code) = mailed_code(&house, &visit, "hanako@example.jp").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert!(matches!(enter_code(&house, &visit, &challenge, wrong).await, Err(AccountsError::WrongCode)));
    }
    assert!(matches!(enter_code(&house, &visit, &challenge, &code).await, Err(AccountsError::Over)));
}

#[tokio::test]
async fn a_code_works_once_and_for_a_quarter_of_an_hour() {
    let house = services().await;
    let member = house.member("H-0001", Some("hanako@example.jp"), None).await;
    let visit = house.anonymous().await;

    let (challenge, code) = mailed_code(&house, &visit, "hanako@example.jp").await;
    assert_eq!(house.services.code_address(&visit, &challenge).await.unwrap(), "hanako@example.jp");
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    let token = token(enter_code(&house, &visit, &challenge, &spaced).await);
    assert_eq!(house.recognised(&token).await.visitor.member.as_ref().map(|member| member.id), Some(member));
    assert!(matches!(enter_code(&house, &visit, &challenge, &code).await, Err(AccountsError::Over)));

    let (challenge, code) = mailed_code(&house, &visit, "hanako@example.jp").await;
    house.clock.pass(15 * 60);
    assert!(matches!(enter_code(&house, &visit, &challenge, &code).await, Err(AccountsError::Over)));
    assert!(matches!(house.services.code_address(&visit, &challenge).await, Err(AccountsError::Over)));
}

#[tokio::test]
async fn a_code_of_one_organisation_opens_nothing_in_another() {
    let house = services().await;
    let other = house.add_organisation("other").await;
    house.member("H-0001", Some("hanako@example.jp"), None).await;
    house.member_of(other, "H-0001", Some("hanako@example.jp"), None).await;
    let (challenge, code) = mailed_code(&house, &house.anonymous().await, "hanako@example.jp").await;
    let elsewhere = house.anonymous_at("other").await;
    assert!(matches!(enter_code(&house, &elsewhere, &challenge, &code).await, Err(AccountsError::Over)));
}

#[tokio::test]
async fn asking_for_a_code_does_not_tell_whether_an_address_is_known() {
    let house = services().await;
    house.member("H-0001", Some("hanako@example.jp"), None).await;
    let visit = house.anonymous().await;
    let unknown = house.services.send_code(&visit, &email("nobody@example.jp"), &NextPath::parse("/"), "192.0.2.1").await.unwrap();
    let unknown = unknown.to_string();
    assert_eq!(house.mails_to("nobody@example.jp").await.len(), 0);
    assert_eq!(house.services.code_address(&visit, &unknown).await.unwrap(), "nobody@example.jp");
    for _ in 0..5 {
        assert!(matches!(enter_code(&house, &visit, &unknown, "123456").await, Err(AccountsError::WrongCode)));
    }
    assert!(matches!(enter_code(&house, &visit, &unknown, "123456").await, Err(AccountsError::Over)));
}

#[tokio::test]
async fn two_members_with_one_address_are_asked_which_and_each_gets_an_account_of_their_own() {
    let house = services().await;
    let first = house.member("H-0004", Some("family@example.jp"), None).await;
    let second = house.member("H-0005", Some("family@example.jp"), None).await;
    let visit = house.anonymous().await;
    let mut accounts = Vec::new();
    for member in [first, second] {
        // So that the mail is the latest.
        house.clock.pass(1);
        let (challenge, code) = mailed_code(&house, &visit, "family@example.jp").await;
        let (ticket, choices) = ticket(enter_code(&house, &visit, &challenge, &code).await);
        assert_eq!(choices.len(), 2);
        let with_mailed_id = house.services.choose(&visit, &challenge, &member.to_string(), "Firefox").await;
        assert!(matches!(with_mailed_id, Err(AccountsError::Over)), "who asked for the mail can't choose");
        let token = house.services.choose(&visit, &ticket, &member.to_string(), "Firefox").await.unwrap();
        let seen = house.recognised(&token).await;
        assert_eq!(seen.visitor.member.as_ref().map(|facts| facts.id), Some(member));
        accounts.push(seen.session.as_ref().map(|session| session.account));
    }
    assert_ne!(accounts[0], accounts[1]);
}

#[tokio::test]
async fn codes_are_mailed_to_an_address_five_times_and_then_every_quarter_of_an_hour() {
    let house = services().await;
    let visit = house.anonymous().await;
    let (address, next) = (email("hanako@example.jp"), NextPath::parse("/"));
    let ask = || house.services.send_code(&visit, &address, &next, "192.0.2.1");
    for _ in 0..5 {
        ask().await.unwrap();
    }
    assert!(matches!(ask().await, Err(ServiceError::TooMany { retry_after: 900 })));
    house.clock.pass(900);
    ask().await.unwrap();
}

#[tokio::test]
async fn a_forgotten_password_is_set_once_and_ends_all_sessions() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    let visit = house.anonymous().await;
    let session = token(try_password(&house.services, &visit, "H-0001", PASSWORD).await);

    house.services.send_reset(&visit, &email("hanako@example.jp"), "192.0.2.1").await.unwrap();
    let mail = &house.mails_to("hanako@example.jp").await[0];
    let (challenge, code) = links(mail).into_iter().next().unwrap();
    assert_eq!(house.services.mailed_link(&visit, &challenge, &code).await.unwrap().email, "hanako@example.jp");
    for (password, fault) in [("short", PasswordFault::TooShort), ("hanako@example.jp", PasswordFault::IsIdentifier)] {
        let refused = house.services.set_password_by_link(&visit, &challenge, &code, password).await;
        assert!(matches!(refused, Err(AccountsError::Password(seen)) if seen == fault), "{refused:?}");
    }
    house.services.set_password_by_link(&visit, &challenge, &code, "a quite new one").await.unwrap();

    assert!(house.recognised(&session).await.session.is_none());
    assert!(matches!(try_password(&house.services, &visit, "H-0001", PASSWORD).await, Err(AccountsError::WrongPassword)));
    token(try_password(&house.services, &visit, "H-0001", "a quite new one").await);
    let replay = house.services.set_password_by_link(&visit, &challenge, &code, "a third password").await;
    assert!(matches!(replay, Err(AccountsError::Over)));
}

#[tokio::test]
async fn an_unknown_address_gets_no_link() {
    let house = services().await;
    let visit = house.anonymous().await;
    house.services.send_reset(&visit, &email("nobody@example.jp"), "192.0.2.1").await.unwrap();
    assert_eq!(house.mails_to("nobody@example.jp").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_member_who_never_signed_in_sets_a_first_password_by_link() {
    let house = services().await;
    house.member("H-0001", Some("hanako@example.jp"), None).await;
    let visit = house.anonymous().await;
    house.services.send_reset(&visit, &email("hanako@example.jp"), "192.0.2.1").await.unwrap();
    let (challenge, code) = links(&house.mails_to("hanako@example.jp").await[0]).into_iter().next().unwrap();
    house.services.set_password_by_link(&visit, &challenge, &code, PASSWORD).await.unwrap();
    token(try_password(&house.services, &visit, "hanako@example.jp", PASSWORD).await);
}

/// An organisation writes its members' addresses itself. One that writes its own address onto a member must not get
/// hold of what that person's account opens elsewhere.
#[tokio::test]
async fn a_link_to_one_organisations_address_leaves_the_account_elsewhere_alone() {
    let house = services().await;
    let other = house.add_organisation("other").await;
    let account = house.account(Some(PASSWORD)).await;
    house.member_of(other, "X-1", Some("hanako@example.jp"), Some(account)).await;
    let member = house.member("H-0001", Some("taken@example.jp"), Some(account)).await;
    let visit = house.anonymous().await;
    house.services.send_reset(&visit, &email("taken@example.jp"), "192.0.2.1").await.unwrap();
    let (challenge, code) = links(&house.mails_to("taken@example.jp").await[0]).into_iter().next().unwrap();
    house.services.set_password_by_link(&visit, &challenge, &code, "password of another").await.unwrap();

    let elsewhere = house.anonymous_at("other").await;
    token(try_password(&house.services, &elsewhere, "X-1", PASSWORD).await);
    assert!(matches!(try_password(&house.services, &elsewhere, "X-1", "password of another").await, Err(AccountsError::WrongPassword)));
    let token = token(try_password(&house.services, &visit, "H-0001", "password of another").await);
    let seen = house.recognised(&token).await;
    assert_eq!(seen.visitor.member.as_ref().map(|facts| facts.id), Some(member));
    assert_ne!(seen.session.as_ref().map(|session| session.account), Some(account));
}

#[tokio::test]
async fn a_session_lasts_thirty_days_from_the_last_visit() {
    let house = services().await;
    let account = house.account(None).await;
    let member = house.member("H-0001", None, Some(account)).await;
    let organisation = house.organisation.id;
    let token = house.services.start_session(organisation, account, Some(member), "Firefox").await.unwrap();
    for _ in 0..3 {
        house.clock.pass(29 * 24 * 60 * 60);
        assert!(house.recognised(&token).await.session.is_some());
    }
    house.clock.pass(30 * 24 * 60 * 60);
    assert!(house.recognised(&token).await.session.is_none());
    assert_eq!(house.services.forget_what_ran_out().await.unwrap(), 1);
}

#[tokio::test]
async fn one_can_end_ones_own_sessions_and_nobody_elses() {
    let house = services().await;
    let visit = house.anonymous().await;
    let mut tokens = Vec::new();
    for number in ["H-0001", "H-0001", "H-0002"] {
        if tokens.len() != 1 {
            let account = house.account(Some(PASSWORD)).await;
            house.member(number, None, Some(account)).await;
        }
        tokens.push(token(try_password(&house.services, &visit, number, PASSWORD).await));
    }
    let [mine, also_mine, theirs] = [&tokens[0], &tokens[1], &tokens[2]];
    let me = house.recognised(mine).await;
    let id_of = |visit: &Visit| visit.session.as_ref().map(|session| session.id).unwrap();
    assert_eq!(house.services.own_sessions(&me).await.unwrap().len(), 2);
    let their_id = id_of(&house.recognised(theirs).await);
    assert!(matches!(house.services.end_own_session(&me, their_id).await, Err(ServiceError::NotFound)));
    house.services.end_own_session(&me, id_of(&house.recognised(also_mine).await)).await.unwrap();
    assert!(house.recognised(also_mine).await.session.is_none());
    assert!(house.recognised(mine).await.session.is_some());
    house.services.sign_out_everywhere(&me).await.unwrap();
    assert!(house.recognised(mine).await.session.is_none());
    assert!(house.recognised(theirs).await.session.is_some());
}

#[tokio::test]
async fn changing_a_password_takes_the_current_one_and_keeps_this_session_only() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.member("H-0001", None, Some(account)).await;
    let visit = house.anonymous().await;
    let here = token(try_password(&house.services, &visit, "H-0001", PASSWORD).await);
    let there = token(try_password(&house.services, &visit, "H-0001", PASSWORD).await);
    let me = house.recognised(&here).await;
    let wrong = house.services.change_password(&me, "guess guess guess", "a quite new one").await;
    assert!(matches!(wrong, Err(AccountsError::WrongPassword)));
    house.services.change_password(&me, PASSWORD, "a quite new one").await.unwrap();
    assert!(house.recognised(&here).await.session.is_some());
    assert!(house.recognised(&there).await.session.is_none());
    token(try_password(&house.services, &visit, "H-0001", "a quite new one").await);
}

#[tokio::test]
async fn an_account_of_the_demo_opens_nothing_outside_it() {
    let demo = crate::testing::services_with(|settings| settings.demo = true).await;
    let account = demo.account(Some(PASSWORD)).await;
    demo.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    let visit = demo.anonymous().await;
    let session = token(try_password(&demo.services, &visit, "H-0001", PASSWORD).await);
    let real = demo.reopened(|settings| settings.demo = false);
    let answer = try_password(&real.services, &visit, "H-0001", PASSWORD).await;
    assert!(matches!(answer, Err(AccountsError::WrongPassword)));
    assert!(real.recognised(&session).await.session.is_none());
}

#[tokio::test]
async fn staff_who_are_no_member_sign_in_as_staff() {
    let house = services().await;
    let account = house.account(Some(PASSWORD)).await;
    house.staff("office@example.jp", account, &[Permission::OWNER]).await;
    let token = token(try_password(&house.services, &house.anonymous().await, "office@example.jp", PASSWORD).await);
    let seen = house.recognised(&token).await;
    assert!(seen.visitor.may(Permission::SITE) && seen.visitor.member.is_none());
}

#[tokio::test]
async fn a_page_that_lies_open_keeps_no_session_alive() {
    for house in services_on_each().await {
        let account = house.account(None).await;
        let member = house.member("H-0001", None, Some(account)).await;
        let start = || house.start_session(house.organisation.id, account, Some(member), "");
        let (open, used) = (start().await.unwrap(), start().await.unwrap());
        // Half a day of looking, again and again; then as many days as a session lasts, but for some hours.
        for _ in 0..12 {
            house.clock.pass(3_600);
            let mut visit = house.anonymous().await;
            house.recognise_quietly(&mut visit, &open).await.unwrap();
            assert!(visit.session.is_some());
            assert!(house.recognised(&used).await.session.is_some());
        }
        house.clock.pass(super::sessions::SESSION_SECONDS - 6 * 3_600);
        assert!(house.recognised(&open).await.session.is_none(), "{}: nobody did anything", house.database.name);
        assert!(house.recognised(&used).await.session.is_some());
    }
}
