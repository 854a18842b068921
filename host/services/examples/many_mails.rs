//! How long a mailing to many members takes to be planned, and how fast the courier is when the server takes everything at once.
//!
//! `many_mails [COUNT]`

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tsudoi_kernel::ports::{Boxed, MailError, Mailer, OutgoingMail};
use tsudoi_services::mail::{MailPace, Outlet};
use tsudoi_services::mailings::{MailingInput, When};
use tsudoi_services::members::MemberDraft;
use tsudoi_services::testing::services_with;

#[derive(Default)]
struct Counting(AtomicUsize);

impl Mailer for Counting {
    fn send(&self, mail: OutgoingMail) -> Boxed<'_, Result<(), MailError>> {
        Box::pin(async move {
            assert!(mail.html.is_some() && mail.unsubscribe.is_some());
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    }
}

/// The most memory that this process has had, in megabytes; where the system does not say, nothing.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "it measures")]
async fn main() -> Result<(), Box<dyn Error>> {
    let count: u32 = std::env::args().nth(1).map_or(Ok(100_000), |count| count.parse())?;
    let house = services_with(|settings| settings.dev_inbox = false).await;
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
    let text = "{{name}}様\n\n## ご案内\n\n次の観望会は[こちら](/events)です。\n\n- 望遠鏡\n- 防寒具\n".to_owned();
    let input =
        MailingInput { subject: ["観望会のご案内".into(), String::new()], text: [text, String::new()], ..MailingInput::begun() };
    let id = editor.save_mailing(&visit, None, "", &input).await?;
    let seen = house.mailing_state(&house.mailing(&visit, id).await?)?;
    editor.schedule_mailing(&visit, id, &seen, &When::Now).await?;
    println!("{count} members; {:?} MB before", peak());
    let begun = Instant::now();
    while house.carry_on_mailings().await? > 0 {}
    println!("planned in {:.1} s; at most {:?} MB", begun.elapsed().as_secs_f64(), peak());
    let (wire, begun) = (Arc::new(Counting::default()), Instant::now());
    house.deliver_mails(Outlet::Wire(wire.clone()), MailPace { at_once: 16, per_second: 0 }).await?;
    let (sent, seconds) = (wire.0.load(Ordering::Relaxed), begun.elapsed().as_secs_f64());
    println!("{sent} mails in {seconds:.1} s: {:.0} in a second; at most {:?} MB", sent as f64 / seconds, peak());
    let begun = Instant::now();
    house.carry_on_mailings().await?;
    println!("ended and counted in {:.2} s: {:?}", begun.elapsed().as_secs_f64(), house.mailing_with_counts(&visit, id).await?.counts);
    Ok(())
}
