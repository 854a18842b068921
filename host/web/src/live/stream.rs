//! One stream for a page in a browser. It is pulled: while the browser takes nothing, nothing is made for it, and what it
//! gets then is the newest.

use super::places::Place;
use super::regions::Region;
use crate::fields::decode;
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tsudoi_services::visits::OrganisationKey;

const MOST_REGIONS: usize = 20;
/// How often it is asked whether the organisation's clock has gone on. That comes from memory but for once a second.
const TICK: Duration = Duration::from_millis(250);
/// After so many ticks without a change the session is looked at all the same, and what depends on the time.
const QUIET_TICKS: u32 = 20;
const LONGEST_WAIT: Duration = Duration::from_secs(30);

struct Stream {
    web: AppState,
    /// The visit at the address of the page, as it was when the stream began.
    visiting: Visiting,
    headers: HeaderMap,
    regions: Vec<Region>,
    number: Option<u64>,
    ticks: Interval,
    quiet: u32,
    /// Looks that failed in a row.
    failures: u32,
    over: bool,
    _place: Place,
}

pub async fn open(
    State(web): State<AppState>,
    visiting: Visiting,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = decode(query.unwrap_or_default().as_bytes());
    let at = query.iter().find(|(name, _)| name == "at").map_or("", |(_, value)| value.as_str());
    let visiting = visiting.at(at);
    let tokens = query.iter().filter(|(name, _)| name == "region").take(MOST_REGIONS);
    let regions: Option<Vec<Region>> = tokens.map(|(_, token)| web.region_of(&visiting, token)).collect();
    let regions = regions.filter(|regions| !regions.is_empty()).ok_or(Problem::Forbidden)?;
    let place = web.live.take(visiting.organisation().id, &visiting.client).ok_or(Problem::TooMany { retry_after: 60 })?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stream = Stream { web, visiting, headers, regions, number: None, ticks, quiet: 0, failures: 0, over: false, _place: place };
    let events = futures::stream::unfold(stream, Stream::next);
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    // Proxies that hold answers back until they are whole would hold this one for ever.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Half a second, then twice as long each time, half a minute at most.
fn wait_after(failures: u32) -> Duration {
    LONGEST_WAIT.min(TICK.saturating_mul(1 << failures.min(10)))
}

impl Stream {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        while !self.over {
            self.ticks.tick().await;
            if self.web.live.is_over() {
                return None;
            }
            match self.look().await {
                Ok(Some(event)) => {
                    self.failures = 0;
                    return Some((Ok(event), self));
                }
                Ok(None) => self.failures = 0,
                // The database will be back; until then there is nothing to say, and less and less to ask.
                Err(error) => {
                    tracing::debug!(?error, "a live region is not looked at");
                    self.failures += 1;
                    tokio::time::sleep(wait_after(self.failures)).await;
                }
            }
        }
        None
    }

    /// What there is to tell, after everything was asked anew.
    async fn look(&mut self) -> Result<Option<Event>, Problem> {
        self.quiet += 1;
        let key = OrganisationKey::Slug(self.visiting.organisation().slug.clone());
        let number = self.web.services.visit(&key).await?.map(|visit| visit.number);
        if number == self.number && self.quiet < QUIET_TICKS {
            return Ok(None);
        }
        let again = self.visiting.again(&self.web, &self.headers).await?;
        let Some(visiting) = again.filter(|again| again.is_same_session(&self.visiting)) else {
            self.over = true;
            return Ok(Some(Event::default().event("over").data("session")));
        };
        let names: Vec<&str> = self.regions.iter().map(|region| region.name.as_str()).collect();
        let looks = self.web.looks(&visiting, &names).await?;
        self.number = number;
        self.quiet = 0;
        let (mut news, mut gone) = (Vec::new(), Vec::new());
        for (region, looks) in self.regions.iter_mut().zip(looks) {
            match looks {
                None => gone.push(region.name.clone()),
                Some(looks) if looks.digest != region.digest => {
                    let token = self.web.region_token(&visiting, &region.name, &looks.digest);
                    news.push(json!({ "name": region.name, "token": token, "html": looks.html }));
                    region.digest = looks.digest;
                }
                Some(_) => {}
            }
        }
        self.regions.retain(|region| !gone.contains(&region.name));
        if self.regions.is_empty() {
            self.over = true;
            return Ok(Some(Event::default().event("over").data("regions")));
        }
        if news.is_empty() { Ok(None) } else { Ok(Some(Event::default().event("news").data(json!(news).to_string()))) }
    }
}
