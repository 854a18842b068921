//! What signing in asks of the database, on each kind.

use crate::testing::{each, organisation};
use crate::{
    Account, Challenge, ClaimedMail, MailAppetite, MailDraft, MailEnd, MailOutcome, MemberDraft, OrganisationStore, Purpose, SessionDraft,
    StaffDraft, StoreError,
};
use std::collections::BTreeSet;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::ports::PluginData;
use tsudoi_kernel::{AccountId, Email, MemberId, Permission, Timestamp};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

fn account(n: u128) -> Account {
    Account { id: AccountId(id(n)), password_hash: Some(format!("hash {n}")), demo: false }
}

fn member(n: u128, address: Option<&str>, account: Option<u128>) -> MemberDraft {
    MemberDraft {
        family_name: "西村".into(),
        given_name: "恭子".into(),
        family_kana: "ニシムラ".into(),
        given_kana: "キョウコ".into(),
        display_name: "きょん".into(),
        email: address.map(email),
        account: account.map(|n| AccountId(id(n))),
        tier: Some("gold".into()),
        labels: BTreeSet::from(["kansai".to_owned(), "founding".to_owned()]),
        joined_on: Some("2018-05-20".into()),
        ..MemberDraft::new(MemberId(id(n)), format!("H-{n}"))
    }
}

async fn enter(club: &OrganisationStore, drafts: &[MemberDraft]) -> u64 {
    let mut change = club.begin_change(NOW).await.unwrap();
    for draft in drafts {
        change.add_member(draft).await.unwrap();
    }
    change.commit().await.unwrap()
}

fn staff(n: u128, address: &str) -> StaffDraft {
    StaffDraft {
        account: AccountId(id(n)),
        display_name: "事務局".into(),
        email: email(address),
        permissions: BTreeSet::from([Permission::new(Permission::OWNER)]),
    }
}

async fn appoint(club: &OrganisationStore, draft: &StaffDraft) -> Result<(), StoreError> {
    let mut change = club.begin_change(NOW).await?;
    change.add_staff(draft).await?;
    change.commit().await.map(|_| ())
}

#[tokio::test]
async fn people_are_found_by_address_number_and_account_in_their_own_organisation() {
    for database in each().await {
        let store = &database.store;
        let (club, other) = (organisation(store, 1).await, organisation(store, 2).await);
        for n in [10, 11] {
            store.create_account_all_organisations(&account(n), NOW).await.unwrap();
        }
        enter(&club, &[member(21, Some("a@b.jp"), Some(10)), member(20, Some("a@b.jp"), None), member(22, None, Some(10))]).await;
        enter(&other, &[member(21, Some("a@b.jp"), Some(10))]).await;
        appoint(&club, &staff(11, "a@b.jp")).await.unwrap();

        let found = club.people_by_email(&email("A@b.jp")).await.unwrap();
        let seen: Vec<_> = found.iter().map(|person| (person.number.as_str(), person.password_hash.as_deref())).collect();
        assert_eq!(seen, [("H-20", None), ("H-21", Some("hash 10")), ("", Some("hash 11"))], "{}", database.name);
        let by_number = club.people_by_numbers(&["h-21".into(), "H-21".into()]).await.unwrap();
        assert_eq!(by_number.len(), 1);
        let of_account = club.people_of_account(AccountId(id(10))).await.unwrap();
        assert_eq!(of_account.iter().map(|person| person.number.as_str()).collect::<Vec<_>>(), ["H-21", "H-22"]);
        assert_eq!(club.account_to_share(&email("a@b.jp")).await.unwrap(), None, "two accounts have this address");
    }
}

#[tokio::test]
async fn a_member_comes_back_whole_and_entering_one_is_a_change() {
    for database in each().await {
        let club = organisation(&database.store, 1).await;
        let draft = member(20, Some("a@b.jp"), None);
        let number = enter(&club, std::slice::from_ref(&draft)).await;
        let kept = club.member_by_number("H-20").await.unwrap().unwrap();
        assert_eq!((kept.id, &kept.labels, kept.email.as_deref()), (draft.id, &draft.labels, Some("a@b.jp")), "{}", database.name);
        assert_eq!(club.member(draft.id).await.unwrap(), Some(kept));

        let mut change = club.begin_change(NOW).await.unwrap();
        change.set_member_labels(draft.id, &BTreeSet::new()).await.unwrap();
        change.set_member_tier(draft.id, None).await.unwrap();
        assert_eq!(change.commit().await.unwrap(), number + 1);
        let kept = club.member(draft.id).await.unwrap().unwrap();
        assert_eq!((kept.tier, kept.labels.len()), (None, 0));

        let mut change = club.begin_change(NOW).await.unwrap();
        let twice = change.add_member(&MemberDraft { id: MemberId(id(99)), ..draft }).await;
        assert!(matches!(twice, Err(StoreError::Duplicate(_))), "a number is taken once");
    }
}

#[tokio::test]
async fn an_account_is_parted_where_an_address_vouches_for_part_of_it() {
    for database in each().await {
        let store = &database.store;
        let (club, other) = (organisation(store, 1).await, organisation(store, 2).await);
        store.create_account_all_organisations(&account(10), NOW).await.unwrap();
        enter(&club, &[member(20, Some("a@b.jp"), Some(10)), member(21, Some("c@d.jp"), Some(10)), member(22, None, None)]).await;
        assert!(!club.is_account_of_address_only_all_organisations(AccountId(id(10)), "a@b.jp").await.unwrap());
        assert!(!club.is_account_known_elsewhere_all_organisations(AccountId(id(10))).await.unwrap());
        enter(&other, &[member(30, Some("a@b.jp"), Some(10))]).await;
        assert!(club.is_account_known_elsewhere_all_organisations(AccountId(id(10))).await.unwrap());

        let before = club.clock().await.unwrap();
        club.part_account(AccountId(id(10)), "a@b.jp", &account(12), NOW).await.unwrap();
        let changes = PluginData::changes(store, club.id(), before, club.clock().await.unwrap()).await.unwrap().unwrap();
        let touches = |read: Read| changes.iter().any(|(_, change)| change.touches(&read));
        assert!(touches(Read::Member(MemberId(id(20)))), "a call that was made in the other account's name");
        assert!(touches(Read::Fact(format!("staff:{}", AccountId(id(10))))) && !touches(Read::Member(MemberId(id(21)))));
        let account_of = async |club: &OrganisationStore, n| club.member(MemberId(id(n))).await.unwrap().unwrap().account.map(|id| id.0);
        assert_eq!(account_of(&club, 20).await, Some(id(12)), "{}", database.name);
        assert_eq!(account_of(&club, 21).await, Some(id(10)));
        assert_eq!(account_of(&other, 30).await, Some(id(10)));
        assert!(club.is_account_of_address_only_all_organisations(AccountId(id(12)), "a@b.jp").await.unwrap());

        assert_eq!(club.give_account(MemberId(id(22)), &account(13), NOW).await.unwrap(), Some(AccountId(id(13))));
        assert_eq!(club.give_account(MemberId(id(22)), &account(14), NOW).await.unwrap(), Some(AccountId(id(13))), "who was faster");
        assert_eq!(store.account_all_organisations(AccountId(id(14))).await.unwrap(), None);
    }
}

#[tokio::test]
async fn sessions_begin_last_and_end() {
    for database in each().await {
        let store = &database.store;
        let club = organisation(store, 1).await;
        store.create_account_all_organisations(&account(10), NOW).await.unwrap();
        let draft = |n: u128| SessionDraft {
            id: id(n),
            token_hash: vec![n as u8; 32],
            account: AccountId(id(10)),
            member: None,
            at: NOW,
            expires: NOW.plus_seconds(60),
            agent: "Firefox".into(),
        };
        for n in [1, 2, 3] {
            club.begin_session(&draft(n)).await.unwrap();
        }
        club.extend_session(id(2), NOW.plus_seconds(30), NOW.plus_seconds(90)).await.unwrap();
        let list = club.sessions_of(AccountId(id(10)), NOW.plus_seconds(10)).await.unwrap();
        assert_eq!(list.iter().map(|session| session.id).collect::<Vec<_>>(), [id(2), id(1), id(3)], "{}", database.name);
        assert!(club.session_visit(&[2; 32], NOW.plus_seconds(80)).await.unwrap().is_some());
        assert!(!club.end_session(AccountId(id(11)), id(1)).await.unwrap());
        assert!(club.end_session(AccountId(id(10)), id(1)).await.unwrap());
        store.set_password_all_organisations(AccountId(id(10)), "new", Some(id(2))).await.unwrap();
        assert!(club.session_visit(&[3; 32], NOW).await.unwrap().is_none());
        assert_eq!(store.remove_old_sessions_all_organisations(NOW.plus_seconds(90)).await.unwrap(), 1);
        store.upgrade_password_hash_all_organisations(AccountId(id(10)), "old", "newer").await.unwrap();
        let kept = store.account_all_organisations(AccountId(id(10))).await.unwrap().unwrap();
        assert_eq!(kept.password_hash.as_deref(), Some("new"));
    }
}

#[tokio::test]
async fn a_session_opens_one_organisation_alone() {
    for database in each().await {
        let (club, other) = &(organisation(&database.store, 1).await, organisation(&database.store, 2).await);
        database.store.create_account_all_organisations(&account(10), NOW).await.unwrap();
        let session = SessionDraft {
            id: id(1),
            token_hash: vec![1; 32],
            account: AccountId(id(10)),
            member: None,
            at: NOW,
            expires: NOW.plus_seconds(60),
            agent: String::new(),
        };
        club.begin_session(&session).await.unwrap();
        assert!(club.session_visit(&[1; 32], NOW).await.unwrap().is_some());
        assert!(other.session_visit(&[1; 32], NOW).await.unwrap().is_none(), "{}", database.name);
        // Many who ask at once share statements, and each gets its own answer.
        let (here, there) = ([1; 32], [2; 32]);
        let statements = database.store.statements();
        let asks = (0..40).map(|n| async move {
            let asked = match n % 3 {
                0 => club.session_visit(&here, NOW).await,
                1 => other.session_visit(&here, NOW).await,
                _ => club.session_visit(&there, NOW).await,
            };
            (n % 3 == 0, asked.unwrap().is_some())
        });
        let answers = futures::future::join_all(asks).await;
        assert!(answers.into_iter().all(|(expected, found)| expected == found), "{}", database.name);
        assert!(database.store.statements() - statements <= 4, "{}", database.name);
        assert!(!other.end_session(AccountId(id(10)), id(1)).await.unwrap());
    }
}

#[tokio::test]
async fn tries_are_counted_before_anything_is_compared_and_a_challenge_is_used_once() {
    for database in each().await {
        let (club, other) = (organisation(&database.store, 1).await, organisation(&database.store, 2).await);
        let challenge = Challenge {
            id: id(5),
            purpose: Purpose::Code,
            email: "a@b.jp".into(),
            data: "{}".into(),
            code_hash: vec![1, 2, 3],
            created: NOW,
            expires: NOW.plus_seconds(60),
        };
        club.add_challenges(std::slice::from_ref(&challenge), None).await.unwrap();
        assert_eq!(other.try_challenge(id(5), Purpose::Code, 9, NOW).await.unwrap(), None);
        assert_eq!(club.try_challenge(id(5), Purpose::Reset, 9, NOW).await.unwrap(), None);
        let tries = futures::future::join_all((0..4).map(|_| club.try_challenge(id(5), Purpose::Code, 2, NOW))).await;
        assert_eq!(tries.into_iter().filter(|found| found.as_ref().unwrap().is_some()).count(), 2, "{}", database.name);
        assert_eq!(club.challenge(id(5), Purpose::Code, NOW.plus_seconds(60)).await.unwrap(), None);
        assert_eq!(club.open_challenges(Purpose::Code, NOW).await.unwrap(), [challenge]);
        assert!(!other.consume_challenge(id(5), NOW).await.unwrap());
        let uses = futures::future::join_all((0..4).map(|_| club.consume_challenge(id(5), NOW))).await;
        assert_eq!(uses.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
        assert_eq!(database.store.remove_old_challenges_all_organisations(NOW.plus_seconds(60)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn each_mail_is_claimed_by_one_worker() {
    for database in each().await {
        let store = &database.store;
        let club = organisation(store, 1).await;
        for n in 0..6 {
            let mail = MailDraft { id: id(n), recipient: "a@b.jp".into(), subject: "題".into(), body: "番号".into(), at: NOW };
            club.add_mail(&mail).await.unwrap();
        }
        assert!(!store.is_mail_due_all_organisations(NOW.plus_seconds(-1)).await.unwrap());
        assert!(store.is_mail_due_all_organisations(NOW).await.unwrap());
        let lease = NOW.plus_seconds(600);
        let one = MailAppetite { urgent: 1, bulk: 0, mailings_only: false, last: None };
        let claim =
            async |outcomes: &[MailOutcome], now| store.exchange_mails_all_organisations(outcomes, one, now, lease).await.unwrap().mails;
        let claims = futures::future::join_all((0..8).map(|_| claim(&[], NOW))).await;
        let claims: Vec<_> = claims.into_iter().flatten().collect();
        let ids: BTreeSet<Uuid> = claims.iter().map(|mail| mail.id).collect();
        assert_eq!((claims.len(), ids.len()), (6, 6), "{}", database.name);
        assert!(claims.iter().all(|mail| mail.organisation_name == "星空会" && mail.attempts == 1));

        let outcome = |n: usize, end| {
            let ClaimedMail { organisation, id, recipient, .. } = claims[n].clone();
            MailOutcome { organisation, id, recipient, end }
        };
        let again = MailEnd::Again { next: NOW.plus_seconds(60), problem: "busy".into(), counts: true };
        assert_eq!(claim(&[outcome(0, MailEnd::Sent), outcome(1, again)], NOW).await, []);
        let again = &claim(&[], NOW.plus_seconds(60)).await[0];
        assert_eq!((again.id, again.attempts), (claims[1].id, 2));
        // On SQLite nobody else can be at it; on PostgreSQL only the lease tells.
        let interrupted = if store.is_sqlite() { 5 } else { 0 };
        assert_eq!(store.doubt_interrupted_mails_all_organisations().await.unwrap(), interrupted, "{}", database.name);
        assert_eq!(store.doubt_mails_all_organisations(lease).await.unwrap(), 5 - interrupted);
        let mails = club.latest_mails(10).await.unwrap();
        assert!(mails.len() == 6 && mails.iter().all(|mail| mail.body.is_empty()), "no code is kept");
        assert_eq!(store.remove_old_mails_all_organisations(lease).await.unwrap(), 6);
    }
}

#[tokio::test]
async fn staff_come_once_and_leave_with_their_sessions() {
    for database in each().await {
        let store = &database.store;
        let club = organisation(store, 1).await;
        store.create_account_all_organisations(&account(10), NOW).await.unwrap();
        appoint(&club, &staff(10, "a@b.jp")).await.unwrap();
        assert!(matches!(appoint(&club, &staff(10, "a@b.jp")).await, Err(StoreError::Duplicate(_))), "{}", database.name);
        assert!(club.staff().await.unwrap()[0].is_owner());
        assert_eq!(club.account_to_share(&email("a@b.jp")).await.unwrap(), Some(AccountId(id(10))));
        let session = SessionDraft {
            id: id(1),
            token_hash: vec![1; 32],
            account: AccountId(id(10)),
            member: None,
            at: NOW,
            expires: NOW.plus_seconds(60),
            agent: String::new(),
        };
        club.begin_session(&session).await.unwrap();
        let mut change = club.begin_change(NOW).await.unwrap();
        assert_eq!(change.staff().await.unwrap().len(), 1);
        change.remove_staff(AccountId(id(10))).await.unwrap();
        change.reset_password_all_organisations(AccountId(id(10)), "new").await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(club.staff().await.unwrap(), []);
        assert!(club.session_visit(&[1; 32], NOW).await.unwrap().is_none());
    }
}
