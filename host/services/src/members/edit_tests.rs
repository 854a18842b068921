//! Entering members and changing their records, on both databases.

use super::*;
use crate::members::{KindInput, KindList, MembershipStatus};
use crate::testing::{TestServices, services_on_each};

fn contact(kind: ContactKind, value: &str) -> Contact {
    Contact { kind, place: Place::Mobile, value: value.into() }
}

fn hanako() -> MemberInput {
    MemberInput {
        number: "Ｈ－０００１".into(),
        family_name: "佐藤".into(),
        given_name: " 花子 ".into(),
        family_kana: "さとう".into(),
        given_kana: "ﾊﾅｺ".into(),
        email: "Hanako@Example.jp".into(),
        born_on: "昭和30年4月1日".into(),
        note: "紹介: 山田さん\r\n電話は夜に".into(),
        contacts: vec![
            contact(ContactKind::Phone, "９０１２３４５６７８"),
            contact(ContactKind::Phone, ""),
            contact(ContactKind::Email, "h@work.example"),
        ],
        addresses: vec![
            PostalAddress::default(),
            PostalAddress {
                postal_code: "600001".into(),
                region: "北海道".into(),
                locality: "札幌市中央区".into(),
                ..PostalAddress::default()
            },
        ],
        ..MemberInput::default()
    }
}

fn since(begins: &str) -> Joining {
    Joining { begins: begins.into(), ..Joining::default() }
}

async fn entered(house: &TestServices) -> MemberId {
    let visit = house.anonymous().await;
    house.editor(&visit).create_member(&visit, &hanako(), &since("2020/4/1")).await.unwrap()
}

#[tokio::test]
async fn what_is_typed_is_kept_as_it_is_meant() {
    for house in services_on_each().await {
        let id = entered(&house).await;
        let visit = house.anonymous().await;
        let file = house.member_file(&visit, id).await.unwrap();
        let member = &file.member;
        assert_eq!((member.number.as_str(), file.name.as_str(), member.display_name.as_str()), ("H-0001", "佐藤 花子", "佐藤 花子"));
        assert_eq!((member.family_kana.as_str(), member.given_kana.as_str()), ("サトウ", "ハナコ"));
        assert_eq!((member.email.as_deref(), member.born_on.as_deref()), (Some("hanako@example.jp"), Some("1955-04-01")));
        assert_eq!(member.status, MembershipStatus::Current);
        let phones: Vec<&str> = file.contacts.contacts.iter().map(|contact| contact.value.as_str()).collect();
        assert_eq!(phones, ["09012345678", "h@work.example"], "the zero that a spreadsheet took is back");
        assert_eq!(file.contacts.addresses.len(), 1);
        assert_eq!(file.contacts.addresses[0].postal_code, "060-0001");
        for typed in ["090-1234", "h@work", "佐藤"] {
            let found = house.member_list(&visit, typed, None, "").await.unwrap().members;
            assert_eq!(found.len(), 1, "{typed} on {}", house.database.name);
        }
        assert!(house.member_list(&visit, "-", None, "").await.unwrap().members.len() == 1, "a hyphen is in the number only");
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let input = MemberInput {
            number: "H 1".into(),
            family_kana: "佐藤".into(),
            email: "hanako".into(),
            born_on: "4/1/1955".into(),
            tier: "diamond".into(),
            contacts: vec![contact(ContactKind::Email, ""), contact(ContactKind::Phone, "123")],
            addresses: vec![PostalAddress { postal_code: "12".into(), country: "Japan".into(), ..PostalAddress::default() }],
            ..MemberInput::default()
        };
        let joining = Joining { member_type: "regular".into(), begins: "2026-04-01".into(), ends: "2026-03-31".into() };
        let refused = house.editor(&visit).create_member(&visit, &input, &joining).await;
        let Err(ServiceError::Invalid(wrong)) = refused else { panic!("{refused:?}") };
        let fields: BTreeSet<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        let expected =
            ["number", "family_kana", "family_name", "email", "born_on", "tier", "contact-1", "address-0-country", "member_type", "ends"];
        assert_eq!(fields, expected.into(), "{}", house.database.name);
        let taken = MemberInput { number: "H-0001".into(), ..hanako() };
        entered(&house).await;
        let refused = house.editor(&visit).create_member(&visit, &taken, &since("2026-04-01")).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(wrong)) if wrong == [("number".to_owned(), "error-number-taken")]));
    }
}

#[tokio::test]
async fn who_saves_second_is_told_and_what_stays_the_same_is_no_change() {
    for house in services_on_each().await {
        let id = entered(&house).await;
        let visit = house.anonymous().await;
        let (editor, edited) = (house.editor(&visit), house.edited_member(&visit, id).await.unwrap());
        assert!(!editor.change_member(&visit, id, edited.seen, &edited.input).await.unwrap());
        house.clock.pass(60);
        let mut mine = edited.input.clone();
        mine.family_name = "鈴木".into();
        mine.contacts.pop();
        assert!(editor.change_member(&visit, id, edited.seen, &mine).await.unwrap());
        let theirs = MemberInput { family_name: "高橋".into(), ..edited.input.clone() };
        assert!(matches!(editor.change_member(&visit, id, edited.seen, &theirs).await, Err(ServiceError::Changed)));
        let now = house.edited_member(&visit, id).await.unwrap();
        assert_eq!((now.name.as_str(), now.input.contacts.len()), ("鈴木 花子", 1), "{}", house.database.name);
        let data = editor.export_member_data(id).await.unwrap();
        assert_eq!(data["member"]["born-on"], "1955-04-01");
        assert_eq!(data["member"]["addresses"][0]["locality"], "札幌市中央区");
        assert_eq!(data["member"]["periods"][0]["begins"], "2020-04-01");
    }
}

#[tokio::test]
async fn a_tier_in_use_stays_and_a_new_one_never_takes_the_key_of_one_before() {
    for house in services_on_each().await {
        let visit = house.anonymous().await;
        let editor = house.editor(&visit);
        let row = |key: &str, ja: &str| KindInput { key: key.into(), name: [ja.into(), String::new()], grace_days: String::new() };
        let state = || async { house.kinds(&visit, KindList::Tiers).await.unwrap().state };
        editor.save_kinds(&visit, KindList::Tiers, &state().await, &[row("", "一般"), row("", ""), row("", "ゴールド")]).await.unwrap();
        let kinds = house.kinds(&visit, KindList::Tiers).await.unwrap();
        let [plain, gold] = kinds.entries.as_slice() else { panic!("{kinds:?}") };
        let input = MemberInput { tier: gold.key.clone(), ..hanako() };
        editor.create_member(&visit, &input, &since("2026-04-01")).await.unwrap();
        let without_gold = [plain.clone(), row(&gold.key, "")];
        let refused = editor.save_kinds(&visit, KindList::Tiers, &kinds.state, &without_gold).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(wrong)) if wrong == [("1-ja".to_owned(), "kinds-in-use")]));
        editor.save_kinds(&visit, KindList::Tiers, &kinds.state, &[row(&gold.key, "プラチナ"), row("", "一般")]).await.unwrap();
        let now = house.kinds(&visit, KindList::Tiers).await.unwrap();
        assert_eq!(now.entries[0].key, gold.key, "{}", house.database.name);
        assert_ne!(now.entries[1].key, plain.key);
        assert!(matches!(editor.save_kinds(&visit, KindList::Tiers, &kinds.state, &now.entries).await, Err(ServiceError::Changed)));
    }
}
