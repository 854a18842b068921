//! The call of a webhook: an action that answers text, and whose event is kept with its commit.

use crate::attempt::{GuestCall, Prepared, missing};
use crate::bindings::webhooks;
use crate::convert;
use crate::state::{CallState, Kind};
use tsudoi_kernel::calls::Failure;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::webhooks::{RememberedWebhook, WebhookAnswer, WebhookCall};
use wasmtime::Store;
use wasmtime::component::Instance;

const MOST_TEXT: usize = 64 << 10;

pub struct Webhook(pub WebhookCall);

impl GuestCall for Webhook {
    const KIND: Kind = Kind::Action;
    type Answer = WebhookAnswer;

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<WebhookAnswer, Failure>> {
        let guest = prepared.webhooks.as_ref().ok_or_else(|| missing("webhooks"))?.load(&mut *store, instance)?;
        match guest.call_receive(&mut *store, &request(self.0.clone())).await? {
            Ok(response) => {
                let answer = answer(response)?;
                if !self.0.keys.is_empty() {
                    let state = store.data_mut();
                    let plugin = state.context.installation.manifest.id.clone();
                    let remembered = RememberedWebhook { plugin, keys: self.0.keys.clone(), answer: answer.clone() };
                    state.effects.push(Effect::RememberWebhook(remembered));
                }
                Ok(Ok(answer))
            }
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

fn request(call: WebhookCall) -> webhooks::Request {
    let pairs =
        |pairs: Vec<(String, String)>| pairs.into_iter().map(|(name, value)| webhooks::Parameter { name, value }).collect::<Vec<_>>();
    webhooks::Request { route: call.route, headers: pairs(call.headers), query: pairs(call.query), body: call.body }
}

fn answer(response: webhooks::Response) -> wasmtime::Result<WebhookAnswer> {
    if !matches!(response.status, 200..=299 | 400..=599) {
        return Err(wasmtime::Error::msg(format!("it answered a webhook with the status {}", response.status)));
    }
    if response.text.len() > MOST_TEXT {
        return Err(wasmtime::Error::msg(format!("it answered a webhook with more than {MOST_TEXT} bytes")));
    }
    Ok(WebhookAnswer { status: response.status, text: response.text })
}
