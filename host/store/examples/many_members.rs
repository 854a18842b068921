//! Fills a database for `tests/examples/bench_members.rs`: so many members of an organisation that is there, each signed in.
//! The session of number 7 has the token `member-7` and runs out in a year.
//!
//! `many_members DATABASE-URL SLUG COUNT`

use sha2::{Digest, Sha256};
use std::error::Error;
use std::time::SystemTime;
use tsudoi_kernel::{AccountId, MemberId, Timestamp};
use tsudoi_store::{Account, MemberDraft, Options, OrganisationKey, SessionDraft, Store};
use uuid::Uuid;

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "sessions run out by the clock of the machine")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, slug, count] = &arguments[..] else { return Err("DATABASE-URL SLUG COUNT".into()) };
    let store = Store::connect(&Options { url: url.clone(), synchronous: "NORMAL".into(), connections: 2 }).await?;
    let visit = store.visit_all_organisations(&OrganisationKey::Slug(slug.clone())).await?.ok_or("no such organisation")?;
    let club = store.organisation(visit.organisation.id);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let at = Timestamp::from_millis(i64::try_from(now)?);
    let count: u128 = count.parse()?;
    let account = |number: u128| AccountId(Uuid::from_u128(number << 64));
    for number in 1..=count {
        store.create_account_all_organisations(&Account { id: account(number), password_hash: None, demo: false }, at).await?;
    }
    let mut change = club.begin_change(at).await?;
    for number in 1..=count {
        let member = MemberDraft {
            family_name: format!("会員{number}"),
            display_name: format!("会員{number}"),
            account: Some(account(number)),
            ..MemberDraft::new(MemberId(Uuid::from_u128((number << 64) + 1)), format!("B-{number:05}"))
        };
        change.add_member(&member).await?;
    }
    change.commit().await?;
    for number in 1..=count {
        let session = SessionDraft {
            id: Uuid::from_u128((number << 64) + 2),
            token_hash: Sha256::digest(format!("member-{number}").as_bytes()).to_vec(),
            account: account(number),
            member: Some(MemberId(Uuid::from_u128((number << 64) + 1))),
            at,
            expires: at.plus_seconds(365 * 24 * 60 * 60),
            agent: "a benchmark".into(),
        };
        club.begin_session(&session).await?;
    }
    store.close().await?;
    Ok(())
}
