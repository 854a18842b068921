//! Staff come by invitation and go at once.

use super::StaffError;
use crate::ServiceError;
use crate::accounts::{AccountsError, Attempt, MailedPurpose, SignIn};
use crate::testing::{TestServices, services};
use crate::visits::Visit;
use std::collections::BTreeSet;
use tsudoi_kernel::{AccountId, Permission};

const PASSWORD: &str = "stars over the bay";

async fn signed_in(house: &TestServices, identifier: &str, password: &str) -> (String, Visit) {
    let attempt = Attempt { identifier, password, client: "192.0.2.1", agent: "Firefox" };
    match house.services.sign_in(&house.anonymous().await, attempt).await {
        Ok(SignIn::Done(token)) => {
            let visit = house.recognised(&token).await;
            (token, visit)
        }
        other => panic!("not signed in: {other:?}"),
    }
}

async fn staff(house: &TestServices, email: &str, permissions: &[&str]) -> (AccountId, String, Visit) {
    let account = house.account(Some(PASSWORD)).await;
    house.staff(email, account, permissions).await;
    let (token, visit) = signed_in(house, email, PASSWORD).await;
    (account, token, visit)
}

fn permissions(names: &[&str]) -> BTreeSet<Permission> {
    names.iter().map(|name| Permission::new(*name)).collect()
}

async fn invitation_link(house: &TestServices, email: &str) -> (String, String) {
    let mail = house.mails_to(email).await.into_iter().next().expect("a mail");
    let url = mail.lines().find_map(|line| url::Url::parse(line).ok().filter(|url| url.query().is_some())).expect("a link");
    let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap();
    (value("challenge"), value("code"))
}

#[tokio::test]
async fn an_invitation_makes_staff_with_the_permissions_that_were_given() {
    let house = services().await;
    let (_, _, owner) = staff(&house, "owner@example.jp", &[Permission::OWNER]).await;
    house.services.invite_staff_as(&owner, "New@Example.jp", "新人", permissions(&[Permission::SITE])).await.unwrap();
    assert_eq!(house.services.invitations(&owner).await.unwrap()[0].email, "new@example.jp");
    let (challenge, code) = invitation_link(&house, "new@example.jp").await;
    let visit = house.anonymous().await;
    let purpose = house.services.set_password_by_link(&visit, &challenge, &code, PASSWORD).await.unwrap();
    assert_eq!(purpose, MailedPurpose::Invite);
    let (_, seen) = signed_in(&house, "new@example.jp", PASSWORD).await;
    assert!(seen.visitor.may(Permission::SITE) && !seen.visitor.may(Permission::STAFF));
    assert_eq!(house.services.invitations(&owner).await.unwrap(), []);
    let replay = house.services.set_password_by_link(&visit, &challenge, &code, PASSWORD).await;
    assert!(matches!(replay, Err(AccountsError::Over)));
}

#[tokio::test]
async fn an_invited_member_is_one_person_with_one_account() {
    let house = services().await;
    let account = house.account(Some("the old password")).await;
    let member = house.member("H-0001", Some("hanako@example.jp"), Some(account)).await;
    let club = house.organisation.clone();
    house.services.invite_staff(&club, "hanako@example.jp", "花子", permissions(&[Permission::SITE])).await.unwrap();
    let (challenge, code) = invitation_link(&house, "hanako@example.jp").await;
    house.services.set_password_by_link(&house.anonymous().await, &challenge, &code, PASSWORD).await.unwrap();
    let (_, seen) = signed_in(&house, "H-0001", PASSWORD).await;
    assert_eq!(seen.visitor.member.as_ref().map(|facts| facts.id), Some(member));
    assert!(seen.visitor.may(Permission::SITE));
}

#[tokio::test]
async fn an_invitation_with_mistakes_says_where_they_are() {
    let house = services().await;
    let (_, _, owner) = staff(&house, "owner@example.jp", &[Permission::OWNER]).await;
    let faults =
        async |email: &str, name: &str, given: &[&str]| match house.services.invite_staff_as(&owner, email, name, permissions(given)).await
        {
            Err(ServiceError::Invalid(faults)) => faults.into_iter().map(|(field, key)| format!("{field} {key}")).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
    assert_eq!(faults("x", " ", &[]).await, ["email error-email", "display_name error-required", "permissions error-no-permission"]);
    assert_eq!(faults("owner@example.jp", "花子", &[Permission::SITE]).await, ["email error-already-staff"]);
    assert_eq!(faults("a@example.jp", &"長".repeat(61), &[Permission::SITE]).await, ["display_name error-too-long"]);
    assert_eq!(house.mails_to("owner@example.jp").await.len(), 0);
}

#[tokio::test]
async fn nobody_gives_or_takes_what_they_do_not_hold() {
    let house = services().await;
    let (owner_account, _, owner) = staff(&house, "owner@example.jp", &[Permission::OWNER]).await;
    let (_, _, clerk) = staff(&house, "clerk@example.jp", &[Permission::STAFF]).await;
    let (_, _, editor) = staff(&house, "editor@example.jp", &[Permission::SITE]).await;
    for (visit, given) in [(&clerk, Permission::OWNER), (&clerk, Permission::SITE), (&editor, Permission::SITE)] {
        let answer = house.services.invite_staff_as(visit, "new@example.jp", "新人", permissions(&[given])).await;
        assert!(matches!(answer, Err(ServiceError::Forbidden)), "{given}");
    }
    for visit in [&clerk, &editor] {
        let answer = house.services.remove_staff(visit, owner_account).await;
        assert!(matches!(answer, Err(StaffError::Service(ServiceError::Forbidden))));
    }
    assert!(matches!(house.services.remove_staff(&owner, owner_account).await, Err(StaffError::LastOwner)));
}

#[tokio::test]
async fn removed_staff_are_signed_out_at_once() {
    let house = services().await;
    let (_, _, owner) = staff(&house, "owner@example.jp", &[Permission::OWNER]).await;
    let (account, token, _) = staff(&house, "clerk@example.jp", &[Permission::STAFF]).await;
    house.services.remove_staff(&owner, account).await.unwrap();
    let seen = house.recognised(&token).await;
    assert!(seen.session.is_none() && !seen.visitor.is_staff());
    let attempt = Attempt { identifier: "clerk@example.jp", password: PASSWORD, client: "192.0.2.1", agent: "Firefox" };
    assert!(matches!(house.services.sign_in(&house.anonymous().await, attempt).await, Err(AccountsError::WrongPassword)));
}

#[tokio::test]
async fn a_withdrawn_invitation_opens_nothing() {
    let house = services().await;
    let (_, _, owner) = staff(&house, "owner@example.jp", &[Permission::OWNER]).await;
    house.services.invite_staff_as(&owner, "new@example.jp", "新人", permissions(&[Permission::SITE])).await.unwrap();
    let id = house.services.invitations(&owner).await.unwrap()[0].id;
    house.services.withdraw_invitation(&owner, id).await.unwrap();
    let (challenge, code) = invitation_link(&house, "new@example.jp").await;
    let answer = house.services.mailed_link(&house.anonymous().await, &challenge, &code).await;
    assert!(matches!(answer, Err(AccountsError::Over)));
}
