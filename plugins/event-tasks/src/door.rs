//! At the door: who has come. A page of the site, so that everybody who stands there sees at once whom others have marked.

use crate::asker::Asker;
use crate::model::{EVENTS, REGISTRATIONS, Registration, RegistrationState};
use crate::participants::Names;
use crate::{paging, paths, taking_part};
use serde_json::json;
use tsudoi_plugin::{Document, Failure, Id, PathPart, Query, Reply, Request, View, context, store};

const PER_PAGE: u32 = 100;

fn registered(event: &Id) -> Query<Registration> {
    Registration::IN_EVENT.equal(event).equal(RegistrationState::Registered)
}

pub fn page(request: &Request) -> Result<Reply, Failure> {
    Asker::of_call().must("registrations")?;
    let event = EVENTS.require(&request.id("event")?)?;
    let page = paging::page(registered(&event.id).limit(PER_PAGE), request)?;
    let names = Names::of(&page.documents)?;
    let line = |found: &Document<Registration>| json!({ "id": found.id, "name": names.name(&found.body), "companions": found.body.companions, "attended": found.body.attended });
    let came = |came: bool| Registration::ATTENDANCE.equal(&event.id).equal(came);
    let counts = store::counts(&[registered(&event.id), came(true), came(false)], 1_000)?;
    let data = json!({
        "event": { "id": event.id, "title": event.body.title },
        "participants": page.documents.iter().map(line).collect::<Vec<_>>(),
        "counts": { "registered": counts.first(), "came": counts.get(1), "stayed_away": counts.get(2) },
        "cursor": request.query("cursor"),
        "next": page.next,
    });
    Ok(View::new("attendance.html", &data)?.titled(context::translate("attendance-title")).into())
}

/// One button for each name, and one for all on the page of whom nothing is said yet.
pub fn mark(request: &Request) -> Result<Reply, Failure> {
    Asker::of_call().must("registrations")?;
    let event = request.id("event")?;
    let cursor = Some(request.field("cursor")).filter(|cursor| !cursor.is_empty());
    let answers = [("came", Some(true)), ("stayed_away", Some(false)), ("unknown", None)];
    let pressed = answers.into_iter().find(|(button, _)| request.is_checked(button));
    let mut anchor = String::new();
    match pressed {
        Some((button, came)) => {
            let registration = REGISTRATIONS.require(&Id::parse(request.field(button))?)?;
            if registration.body.event != event {
                return Err(Failure::NotFound);
            }
            anchor = format!("#r-{}", registration.id);
            taking_part::mark(registration, came)?;
        }
        None if request.is_checked("rest_came") => {
            let page = registered(&event).limit(PER_PAGE).cursor(cursor).page()?;
            let mut unsaid = page.documents.into_iter().filter(|found| found.body.attended.is_none());
            unsaid.try_for_each(|found| taking_part::mark(found, Some(true)))?;
        }
        None => return Err(Failure::NotFound),
    }
    let mut page = paths::attendance(&event);
    if let Some(cursor) = cursor {
        page.push_str("?cursor=");
        cursor.to_owned().write(&mut page);
    }
    Ok(Reply::redirect(page + &anchor))
}
