//! What the balances of an organisation cost that has so many lines in its books: kept with each entry, and added up from the lines.
//!
//! `many_ledger_lines COUNT [DATABASE-URL]`; on a new SQLite file where no database is named.

use std::error::Error;
use std::time::{Duration, Instant};
use tsudoi_kernel::ledger::{EntryKind, Lines, Method};
use tsudoi_kernel::{Locale, Organisation, OrganisationId, Timestamp};
use tsudoi_store::{EntryDraft, Options, OrganisationStore, Store};
use uuid::Uuid;

/// Entries of one transaction.
const BATCH: u128 = 500;
const TIMES: u32 = 200;

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "it measures by the clock of the machine")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = tempfile::tempdir()?;
    let (count, url) = match &arguments[..] {
        [count] => (count, format!("sqlite:{}", folder.path().join("books.db").display())),
        [count, url] => (count, url.clone()),
        _ => return Err("COUNT [DATABASE-URL]".into()),
    };
    let store = Store::connect(&Options { url, synchronous: "NORMAL".into(), connections: 2 }).await?;
    store.migrate().await?;
    let organisation = Organisation {
        id: OrganisationId(Uuid::from_u128(1 << 100)),
        slug: "books".into(),
        name: "星空会".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    store.create_organisation_all_organisations(&organisation, &[], Timestamp::from_millis(1)).await?;
    let club = store.organisation(organisation.id);
    let entries = count.parse::<u128>()? / 2;
    let begun = Instant::now();
    for first in (0..entries).step_by(BATCH as usize) {
        let change = club.begin_change(Timestamp::from_millis(1)).await?;
        for number in first..(first + BATCH).min(entries) {
            let month = 1 + number * 60 / entries;
            let date = format!("{}-{:02}-15", 2020 + (month - 1) / 12, 1 + (month - 1) % 12);
            let kind = EntryKind::Payment;
            let entry =
                EntryDraft { id: Uuid::from_u128(number + 1), kind, document: Uuid::from_u128(number + 1), number: String::new(), date };
            let method = if number % 3 == 0 { Method::Cash } else { Method::Bank };
            change.post(&entry, &Lines::of_payment(&method, 5000 + number as i64 % 7, 5000 + number as i64 % 7)?).await?;
        }
        change.commit().await?;
    }
    println!("{} lines in 60 months, written in {:.1} s", entries * 2, begun.elapsed().as_secs_f64());
    println!("balances kept with each entry: {:?}", measured(&club, false).await?);
    println!("the same from the lines:       {:?}", measured(&club, true).await?);
    store.close().await?;
    Ok(())
}

/// The median of many.
#[allow(clippy::disallowed_methods, reason = "it measures by the clock of the machine")]
async fn measured(club: &OrganisationStore, from_lines: bool) -> Result<Duration, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..if from_lines { TIMES / 10 } else { TIMES } {
        let begun = Instant::now();
        let balances = if from_lines { club.sums_of_lines().await? } else { club.balances(None).await? };
        times.push(begun.elapsed());
        assert_eq!(balances.iter().map(|(_, amount)| amount).sum::<i64>(), 0);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
