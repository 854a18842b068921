//! How long dues take for many members: the forecast, and the run that issues an invoice and writes a mail for each.
//!
//! `many_dues [COUNT]`

use std::error::Error;
use std::time::Instant;
use tsudoi_services::dues::{DuesInput, PriceInput};
use tsudoi_services::invoices::SettingsInput;
use tsudoi_services::members::MemberDraft;
use tsudoi_services::testing::services;

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "it measures")]
async fn main() -> Result<(), Box<dyn Error>> {
    let count: u32 = std::env::args().nth(1).map_or(Ok(10_000), |count| count.parse())?;
    let house = services().await;
    for thousand in 0..count.div_ceil(1_000) {
        let member = |n: u32| -> Result<MemberDraft, Box<dyn Error>> {
            Ok(MemberDraft {
                family_name: "会員".into(),
                given_name: n.to_string(),
                display_name: format!("会員{n}"),
                email: Some(format!("m{n}@example.jp").parse()?),
                ..MemberDraft::new(house.fresh_member_id(), format!("M-{n:07}"))
            })
        };
        let first = thousand * 1_000;
        let drafts = (first..count.min(first + 1_000)).map(member).collect::<Result<Vec<_>, _>>()?;
        house.add_members(house.organisation.id, &drafts).await?;
    }
    let visit = house.anonymous().await;
    let editor = house.editor(&visit);
    let settings = house.invoice_settings(&visit).await?;
    let seen = house.invoice_settings_state(&settings)?;
    editor.save_invoice_settings(&visit, &seen, &SettingsInput { name: "ほしぞら会".into(), ..SettingsInput::of(&settings) }).await?;
    let prices = vec![PriceInput { usual: "5000".into(), ..PriceInput::default() }];
    let id = editor.save_dues(&visit, None, "", &DuesInput { prices, ..house.new_dues(&visit).await? }).await?;
    let begun = Instant::now();
    let file = house.dues_file(&visit, id).await?;
    println!("{count} members; the forecast ({} invoices) in {:.2} s", file.forecast.invoices, begun.elapsed().as_secs_f64());
    editor.run_dues(id, &file.state).await?;
    let begun = Instant::now();
    house.work_on_dues().await?;
    let seconds = begun.elapsed().as_secs_f64();
    let sums = house.dues_file(&visit, id).await?.sums;
    println!("{} invoices with mails in {seconds:.1} s: {:.0} in a second", sums.invoices, sums.invoices as f64 / seconds);
    Ok(())
}
