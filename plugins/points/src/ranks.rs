//! Members' ranks: tiers of the organisation by the points earned in the last twelve months. Up at once, down once a month.

use crate::book::unless_left_out;
use crate::dates::{self, Date};
use crate::model::{ACCOUNTS, Account};
use crate::purse;
use serde::Serialize;
use serde_json::json;
use tsudoi_plugin::{Document, Error, Failure, Id, Member, Reply, Request, View, context, members, notify, warn};

const RANKS: u32 = 4;

/// A tier, and the points from which on a member has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rank {
    pub tier: String,
    pub points: i64,
}

/// What staff chose in the settings, the lowest first.
pub fn ladder() -> Result<Vec<Rank>, Failure> {
    let mut ranks = Vec::new();
    for number in 1..=RANKS {
        let tier: String = context::setting(&format!("rank-{number}"))?;
        if !tier.is_empty() {
            ranks.push(Rank { tier, points: context::setting(&format!("rank-{number}-points"))? });
        }
    }
    ranks.sort_by_key(|rank| rank.points);
    Ok(ranks)
}

/// The rank that a member with so many points deserves; below the lowest, none.
fn deserved(ladder: &[Rank], earned: i64) -> Option<usize> {
    ladder.iter().rposition(|rank| rank.points <= earned)
}

/// Where a member with this tier stands, or `Err` where the tier is none of the ladder's: such members stay where staff put them.
fn standing(ladder: &[Rank], tier: Option<&str>) -> Result<Option<usize>, ()> {
    let Some(tier) = tier else { return Ok(None) };
    ladder.iter().position(|rank| rank.tier == tier).map(Some).ok_or(())
}

fn higher<'a>(ladder: &'a [Rank], tier: Option<&str>, earned: i64) -> Option<&'a Rank> {
    let now = standing(ladder, tier).ok()?;
    deserved(ladder, earned).filter(|deserved| Some(*deserved) > now).and_then(|deserved| ladder.get(deserved))
}

/// Whoever is on the ladder never falls off its lowest rank.
fn lower<'a>(ladder: &'a [Rank], tier: Option<&str>, earned: i64) -> Option<&'a Rank> {
    let now = standing(ladder, tier).ok()??;
    let deserved = deserved(ladder, earned).unwrap_or(0);
    ladder.get(deserved).filter(|_| deserved < now)
}

/// After points were granted.
pub fn raise(member: &Id, earned: i64) -> Result<(), Failure> {
    let ladder = ladder()?;
    if ladder.is_empty() {
        return Ok(());
    }
    let found = members::get(std::slice::from_ref(member))?.into_iter().flatten().next();
    let Some(rank) = found.as_ref().and_then(|found| higher(&ladder, found.tier.as_deref(), earned)) else { return Ok(()) };
    if give(member, rank)? {
        unless_left_out(notify::members(std::slice::from_ref(member), "rank-up", &json!({ "points": earned })))?;
    }
    Ok(())
}

/// Whether the member has the tier now: not where staff left that out, or removed the tier.
fn give(member: &Id, rank: &Rank) -> Result<bool, Failure> {
    match members::set_tier(member, &rank.tier) {
        Ok(()) => Ok(true),
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(false),
        Err(error) if error.is(Error::NOT_FOUND) => {
            warn!("the tier {} of the settings is not there", rank.tier);
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// A member who goes down when the month begins.
#[derive(Debug, PartialEq, Serialize)]
struct Falling<'a> {
    id: Id,
    name: String,
    earned: i64,
    from: String,
    to: &'a Rank,
}

fn falling<'a>(ladder: &'a [Rank], members: Vec<Member>, accounts: &[Option<Document<Account>>], today: Date) -> Vec<Falling<'a>> {
    let of = |(member, account): (Member, &Option<Document<Account>>)| {
        let earned = account.as_ref().map_or(0, |account| purse::earned(&account.body, today));
        let to = lower(ladder, member.tier.as_deref(), earned)?;
        Some(Falling { id: member.id, name: member.display_name.unwrap_or_default(), earned, from: member.tier?, to })
    };
    members.into_iter().zip(accounts).filter_map(of).collect()
}

/// One page of members for the monthly job; answers where to go on.
pub fn lower_some(cursor: Option<&str>) -> Result<Option<String>, Failure> {
    let ladder = ladder()?;
    if ladder.is_empty() {
        return Ok(None);
    }
    let page = members::all(100, cursor)?;
    for fallen in falling_of(&ladder, page.members)? {
        if give(&fallen.id, fallen.to)? {
            unless_left_out(notify::members(&[fallen.id], "rank-down", &json!({ "points": fallen.earned })))?;
        }
    }
    Ok(page.next)
}

fn falling_of(ladder: &[Rank], members: Vec<Member>) -> Result<Vec<Falling<'_>>, Failure> {
    let ids: Vec<Id> = members.iter().map(|member| member.id.clone()).collect();
    Ok(falling(ladder, members, &ACCOUNTS.get_many(&ids)?, dates::today()?))
}

/// The ladder, and who would go down if the month began today.
pub fn show(request: &Request) -> Result<Reply, Failure> {
    let ladder = ladder()?;
    let (mut lines, mut next) = (Vec::new(), None);
    if !ladder.is_empty() {
        let page = members::all(200, request.query("cursor")).map_err(|error| crate::paging::unless_cursor(request, error))?;
        next = page.next;
        lines = falling_of(&ladder, page.members)?;
    }
    let data = json!({
        "here": "ranks", "ladder": ladder, "falling": lines, "next": next, "is_first_page": request.query("cursor").is_none(),
    });
    Ok(View::new("admin-ranks.html", &data)?.titled(context::translate("ranks-title")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder() -> Vec<Rank> {
        [("bronze", 0), ("silver", 1_000), ("gold", 3_000)].map(|(tier, points)| Rank { tier: tier.into(), points }).into()
    }

    fn up(tier: Option<&str>, earned: i64) -> Option<String> {
        higher(&ladder(), tier, earned).map(|rank| rank.tier.clone())
    }

    fn down(tier: Option<&str>, earned: i64) -> Option<String> {
        lower(&ladder(), tier, earned).map(|rank| rank.tier.clone())
    }

    #[test]
    fn the_threshold_itself_is_enough() {
        assert_eq!(up(Some("bronze"), 999), None);
        assert_eq!(up(Some("bronze"), 1_000).as_deref(), Some("silver"));
        assert_eq!(up(None, 5_000).as_deref(), Some("gold"));
        assert_eq!(up(Some("gold"), 1_000), None, "nobody goes down by earning");
    }

    #[test]
    fn down_goes_as_far_as_the_points_say_and_no_further_than_the_lowest() {
        assert_eq!(down(Some("gold"), 2_999).as_deref(), Some("silver"));
        assert_eq!(down(Some("gold"), -5).as_deref(), Some("bronze"));
        assert_eq!(down(Some("bronze"), -5), None);
        assert_eq!(down(None, 0), None);
    }

    #[test]
    fn a_tier_that_is_none_of_the_ladders_stays() {
        assert_eq!(up(Some("honorary"), 5_000), None);
        assert_eq!(down(Some("honorary"), 0), None);
    }
}
