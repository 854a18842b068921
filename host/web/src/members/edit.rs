//! The form of a member's record, for a new one and for a change.

use super::{Answer, errors_in, member_id, type_choices};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_kernel::{Locale, MemberId, Permission, Timestamp};
use tsudoi_services::ServiceError;
use tsudoi_services::members::{Contact, ContactKind, EditedMember, Joining, MemberInput, Place, PostalAddress};
use tsudoi_services::pages::Audience;

/// Rows of a form that can be sent: more than anybody has.
const MOST_ROWS: usize = 60;
const PARTS: [&str; 6] = ["country", "postal_code", "region", "locality", "street", "building"];

/// What the page shows.
struct Shown {
    /// Of one who is changed.
    edited: Option<(MemberId, String)>,
    input: MemberInput,
    /// For a new one.
    joining: Joining,
    seen: Timestamp,
    errors: Vec<(String, String)>,
    /// What somebody else saved meanwhile: label and value of each field that is another.
    theirs: Vec<(String, String)>,
}

pub async fn blank(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let visit = &visiting.visit;
    let input = MemberInput { number: web.services.suggested_number(visit).await?, ..MemberInput::default() };
    let joining = Joining { begins: web.services.today(visit).to_string(), ..Joining::default() };
    let shown = Shown { edited: None, input, joining, seen: Timestamp::from_millis(0), errors: Vec::new(), theirs: Vec::new() };
    page(&web, &visiting, StatusCode::OK, &shown).await
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let field = |name: &str| fields.get(name).to_owned();
    let joining = Joining { member_type: field("member_type"), begins: field("begins"), ends: field("ends") };
    // They joined when their first period began, unless that is said otherwise.
    let mut input = sent(&fields);
    if input.joined_on.is_empty() {
        input.joined_on.clone_from(&joining.begins);
    }
    match web.services.editor(&visiting.visit).create_member(&visiting.visit, &input, &joining).await {
        Ok(id) => Ok(web.go(&format!("/admin/members/{id}"), "flash-member-created")),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            let shown = Shown { edited: None, input, joining, seen: Timestamp::from_millis(0), errors, theirs: Vec::new() };
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &shown).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let EditedMember { id, name, input, seen } = web.services.edited_member(&visiting.visit, member_id(&id)?).await?;
    let shown = Shown { edited: Some((id, name)), input, joining: Joining::default(), seen, errors: Vec::new(), theirs: Vec::new() };
    page(&web, &visiting, StatusCode::OK, &shown).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = member_id(&id)?;
    let theirs = web.services.edited_member(&visiting.visit, id).await?;
    let seen = fields.get("seen").parse().map_or(Timestamp::from_millis(0), Timestamp::from_millis);
    let input = sent(&fields);
    let here = format!("/admin/members/{id}");
    let edited = Some((id, theirs.name.clone()));
    match web.services.editor(&visiting.visit).change_member(&visiting.visit, id, seen, &input).await {
        Ok(changed) => Ok(web.go(&here, if changed { "flash-member-saved" } else { "flash-values-same" })),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            let shown = Shown { edited, input, joining: Joining::default(), seen, errors, theirs: Vec::new() };
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &shown).await
        }
        Err(ServiceError::Changed) => {
            let audience = web.services.audience(&visiting.visit).await?;
            let differing = difference(&web, &visiting, &audience, &theirs.input, &input);
            let shown = Shown { edited, input, joining: Joining::default(), seen: theirs.seen, errors: Vec::new(), theirs: differing };
            page(&web, &visiting, StatusCode::CONFLICT, &shown).await
        }
        Err(error) => Err(error.into()),
    }
}

fn sent(fields: &Fields) -> MemberInput {
    let field = |name: &str| fields.get(name).to_owned();
    let place = |name: &str| fields.get(name).parse::<Place>().unwrap_or_default();
    let contact = |number: usize| {
        let name = format!("contact-{number}");
        let kind = match fields.get(&format!("{name}-kind")) {
            "phone" => ContactKind::Phone,
            "email" => ContactKind::Email,
            _ => return None,
        };
        Some(Contact { kind, place: place(&format!("{name}-place")), value: field(&name) })
    };
    let address = |number: usize| {
        let name = |part: &str| format!("address-{number}-{part}");
        let part = |part: &str| field(&name(part));
        fields.has(&name("place")).then(|| PostalAddress {
            place: place(&name("place")),
            country: part("country"),
            postal_code: part("postal_code"),
            region: part("region"),
            locality: part("locality"),
            street: part("street"),
            building: part("building"),
        })
    };
    MemberInput {
        number: field("number"),
        family_name: field("family_name"),
        given_name: field("given_name"),
        family_kana: field("family_kana"),
        given_kana: field("given_kana"),
        display_name: field("display_name"),
        email: field("email"),
        joined_on: field("joined_on"),
        born_on: field("born_on"),
        tier: field("tier"),
        labels: fields.all("labels").map(str::to_owned).collect(),
        note: fields.raw("note").to_owned(),
        contacts: (0..MOST_ROWS).map_while(contact).collect(),
        addresses: (0..MOST_ROWS).map_while(address).collect(),
    }
}

/// The words of an address, in the order of its country.
pub(super) fn address_words(own: Locale, address: &PostalAddress) -> String {
    let PostalAddress { country, postal_code, region, locality, street, building, .. } = address;
    let code = if postal_code.is_empty() { String::new() } else { format!("〒{postal_code}") };
    let parts: Vec<&str> = match own {
        Locale::Ja => {
            return [code, [region, locality, street].map(String::as_str).concat(), building.clone(), country.clone()]
                .join(" ")
                .trim()
                .to_owned();
        }
        Locale::En => vec![building, street, locality, region, postal_code, country],
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What `theirs` has otherwise than `mine`.
fn difference(web: &Web, visiting: &Visiting, audience: &Audience, theirs: &MemberInput, mine: &MemberInput) -> Vec<(String, String)> {
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let separator = web.look.message(locale, "list-separator", &json!({}));
    let words = |input: &MemberInput| -> Vec<(&'static str, String)> {
        let labels: Vec<&str> = input.labels.iter().map(|key| audience.label(key, locale)).collect();
        let contacts: Vec<&str> = input.contacts.iter().map(|contact| contact.value.trim()).filter(|value| !value.is_empty()).collect();
        let addresses: Vec<String> =
            input.addresses.iter().filter(|address| !address.is_empty()).map(|address| address_words(own, address)).collect();
        vec![
            ("members-number", input.number.clone()),
            ("members-family-name", input.family_name.clone()),
            ("members-given-name", input.given_name.clone()),
            ("members-family-kana", input.family_kana.clone()),
            ("members-given-kana", input.given_kana.clone()),
            ("members-display-name", input.display_name.clone()),
            ("members-email", input.email.clone()),
            ("members-joined-on", input.joined_on.clone()),
            ("members-born-on", input.born_on.clone()),
            ("members-tier", if input.tier.is_empty() { String::new() } else { audience.tier(&input.tier, locale).to_owned() }),
            ("members-labels", labels.join(&separator)),
            ("members-contacts", contacts.join(&separator)),
            ("members-addresses", addresses.join(&separator)),
            ("members-note", input.note.replace("\r\n", "\n").trim().to_owned()),
        ]
    };
    let pairs = words(theirs).into_iter().zip(words(mine)).filter(|((_, theirs), (_, mine))| theirs != mine);
    pairs.map(|((key, theirs), _)| (web.look.message(locale, key, &json!({})), theirs)).collect()
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, shown: &Shown) -> Result<axum::response::Response, Problem> {
    let audience = web.services.audience(&visiting.visit).await?;
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let error = errors_in(&shown.errors);
    let input = &shown.input;
    let text = |name: &str, label: &str, value: &str, kind: &str, required: bool| -> Value {
        let hint = match name {
            "display_name" => "members-hint-display-name",
            "email" => "members-hint-email",
            "joined_on" | "born_on" | "begins" => "members-hint-date",
            "ends" => "members-hint-ends",
            _ => "",
        };
        let hint = if hint.is_empty() { String::new() } else { web.look.message(locale, hint, &json!({})) };
        let label = web.look.message(locale, label, &json!({}));
        json!({ "name": name, "label": label, "value": value, "kind": kind, "required": required, "error": error(name), "hint": hint })
    };
    let mut names = [
        text("family_name", "members-family-name", &input.family_name, "text", false),
        text("given_name", "members-given-name", &input.given_name, "text", false),
    ];
    if own == Locale::En {
        names.reverse();
    }
    let readings = [
        text("family_kana", "members-family-kana", &input.family_kana, "text", false),
        text("given_kana", "members-given-kana", &input.given_kana, "text", false),
    ];
    let has_readings = own == Locale::Ja || !input.family_kana.is_empty() || !input.given_kana.is_empty();
    let place = |place: Place, chosen: Place| {
        let label = web.look.message(locale, &format!("members-place-{}", place.as_str()), &json!({}));
        json!({ "key": place.as_str(), "label": label, "chosen": place == chosen })
    };
    let places = |chosen: Place, of_phone: bool| -> Vec<Value> {
        Place::ALL.into_iter().filter(|known| of_phone || *known != Place::Mobile).map(|known| place(known, chosen)).collect()
    };
    let row = |number: usize, contact: &Contact| {
        let name = format!("contact-{number}");
        let (is_phone, error) = (contact.kind == ContactKind::Phone, error(&name));
        json!({
            "name": name, "kind": contact.kind.as_str(), "value": contact.value, "places": places(contact.place, is_phone), "error": error,
        })
    };
    // Those there are, and room for one more of each kind.
    let more = [(ContactKind::Phone, Place::Mobile), (ContactKind::Email, Place::Work)];
    let more = more.map(|(kind, place)| Contact { kind, place, value: String::new() });
    let typed = input.contacts.iter().filter(|contact| !contact.value.is_empty()).chain(&more);
    let contacts: Vec<Value> = typed.enumerate().map(|(number, contact)| row(number, contact)).collect();
    let spare = PostalAddress::default();
    let address = |(number, address): (usize, &PostalAddress)| -> Value {
        let values = [&address.country, &address.postal_code, &address.region, &address.locality, &address.street, &address.building];
        let mut parts: Vec<Value> = PARTS
            .iter()
            .zip(values)
            .map(|(part, value)| {
                let name = format!("address-{number}-{part}");
                let label = web.look.message(locale, &format!("members-address-{}", part.replace('_', "-")), &json!({}));
                json!({ "name": name, "label": label, "value": value, "error": error(&name) })
            })
            .collect();
        // The country is asked last.
        parts.rotate_left(1);
        if own == Locale::En {
            parts.rotate_left(1);
            parts[..4].reverse();
        }
        json!({ "number": number, "places": places(address.place, false), "parts": parts, "blank": address.is_empty() })
    };
    let addresses: Vec<Value> =
        input.addresses.iter().filter(|address| !address.is_empty()).chain([&spare]).enumerate().map(address).collect();
    let choice =
        |named: &tsudoi_services::pages::Named, chosen: bool| json!({ "key": named.key, "name": named.name.get(locale), "chosen": chosen });
    let details = json!({
        "id": shown.edited.as_ref().map(|(id, _)| id),
        "name": shown.edited.as_ref().map(|(_, name)| name),
        "seen": shown.seen.as_i64(),
        "mistakes": shown.errors.len(),
        "theirs": shown.theirs.iter().map(|(label, value)| json!({ "label": label, "value": value })).collect::<Vec<_>>(),
        "number": text("number", "members-number", &input.number, "text", true),
        "names": names,
        "readings": if has_readings { readings.to_vec() } else { Vec::new() },
        "display_name": text("display_name", "members-display-name", &input.display_name, "text", false),
        "email": text("email", "members-email", &input.email, "text", false),
        "dates": [
            text("joined_on", "members-joined-on", &input.joined_on, "text", false),
            text("born_on", "members-born-on", &input.born_on, "text", false),
        ],
        "tiers": audience.tiers.iter().map(|named| choice(named, named.key == input.tier)).collect::<Vec<_>>(),
        "labels": audience.labels.iter().map(|named| choice(named, input.labels.contains(&named.key))).collect::<Vec<_>>(),
        "contacts": contacts,
        "contacts_error": error("contacts"),
        "addresses": addresses,
        "note": input.note,
        "note_error": error("note"),
        "types": type_choices(&audience, locale, &shown.joining.member_type),
        "begins": text("begins", "members-period-begins", &shown.joining.begins, "text", true),
        "ends": text("ends", "members-period-ends", &shown.joining.ends, "text", false),
    });
    Ok(web.admin_page(visiting, status, "member-edit.html", "members", details))
}
