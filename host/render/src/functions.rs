//! The functions and filters that every template has beside Tera's own. docs: [`crate::templates`].

use crate::markdown::member_text;
use crate::scene::{self, OUT_OF_BUDGET};
use crate::times::{self, When};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use tera::{Kwargs, State, Tera, TeraResult, Value};
use tsudoi_kernel::money::{Currency, Money};

/// Registers them.
pub fn register(tera: &mut Tera) {
    tera.register_function("t", translate);
    tera.register_filter("date", |value: Value, _: Kwargs, _: &State| -> TeraResult<String> {
        let scene = scene::current()?;
        Ok(when(&value, "date")?.date(scene.locale, scene.zone))
    });
    tera.register_filter("datetime", |value: Value, _: Kwargs, _: &State| -> TeraResult<String> {
        let scene = scene::current()?;
        Ok(when(&value, "datetime")?.date_and_time(scene.locale, scene.zone))
    });
    tera.register_filter("iso", |value: Value, _: Kwargs, _: &State| -> TeraResult<String> { Ok(when(&value, "iso")?.iso()) });
    tera.register_filter("number", |value: Value, _: Kwargs, _: &State| -> TeraResult<String> {
        times::number(&json(&value)?).ok_or_else(|| tera::Error::message(format!("`number` takes a number, not {}", value.name())))
    });
    tera.register_filter("money", |minor: i64, kwargs: Kwargs, _: &State| -> TeraResult<String> {
        let code: String = kwargs.must_get("currency")?;
        let currency = Currency::parse(&code).ok_or_else(|| tera::Error::message(format!("`{code}` is no currency")))?;
        Ok(Money::new(minor, currency).shown(scene::current()?.locale))
    });
    tera.register_filter("markdown", |text: Cow<'_, str>, _: Kwargs, _: &State| -> TeraResult<Value> {
        scene::current()?.allow(text.len())?;
        Ok(Value::safe_string(member_text(&text).as_str()))
    });
    tera.register_filter("urlencode", |text: Cow<'_, str>, _: Kwargs, _: &State| -> TeraResult<String> { Ok(percent_encoded(&text)) });
}

/// Changes Tera's own so that a hostile template can neither claim that something is safe nor make a value grow.
pub fn restrict(tera: &mut Tera) {
    tera.register_filter("safe", |text: Cow<'_, str>, _: Kwargs, _: &State| -> Value { Value::normal_string(&text) });
    tera.register_filter("replace", |text: Cow<'_, str>, kwargs: Kwargs, _: &State| -> TeraResult<String> {
        let (from, to) = (kwargs.must_get::<String>("from")?, kwargs.must_get::<String>("to")?);
        scene::current()?.allow(text.len().saturating_add(text.matches(&from).count().saturating_mul(to.len())))?;
        Ok(text.replace(&from, &to))
    });
    tera.register_filter("join", |parts: Vec<Value>, kwargs: Kwargs, _: &State| -> TeraResult<String> {
        let separator = kwargs.get::<String>("sep")?.unwrap_or_default();
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        let separators = parts.len().saturating_mul(separator.len());
        scene::current()?.allow(parts.iter().map(String::len).sum::<usize>().saturating_add(separators))?;
        Ok(parts.join(&separator))
    });
    tera.register_filter("truncate", |text: Cow<'_, str>, kwargs: Kwargs, _: &State| -> TeraResult<String> {
        let (length, end) = (kwargs.must_get::<usize>("length")?, kwargs.get::<String>("end")?.unwrap_or_else(|| "…".to_owned()));
        match text.char_indices().nth(length) {
            Some((at, _)) => scene::current()?.bounded(format!("{}{end}", &text[..at])),
            None => Ok(text.into_owned()),
        }
    });
    tera.register_filter("indent", |_: Value, _: Kwargs, _: &State| -> TeraResult<String> {
        Err(tera::Error::message("`indent` is not there for templates of plugins"))
    });
    tera.register_function("range", |kwargs: Kwargs, _: &State| -> TeraResult<Vec<i64>> {
        let (start, end) = (kwargs.get::<i64>("start")?.unwrap_or_default(), kwargs.must_get::<i64>("end")?);
        let step = kwargs.get::<i64>("step_by")?.unwrap_or(1);
        if step <= 0 || end.saturating_sub(start) / step > 1000 {
            return Err(tera::Error::message("`range` gives up to 1,000 numbers, upwards"));
        }
        Ok((start..end).step_by(usize::try_from(step).unwrap_or(1)).collect())
    });
    tera.register_function("spend_step", |_: Kwargs, _: &State| -> TeraResult<Value> {
        scene::step()?;
        Ok(Value::safe_string(""))
    });
}

fn translate(kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let scene = scene::current()?;
    let mut arguments: Map<String, Json> = kwargs.deserialize()?;
    let key = match arguments.remove("key") {
        Some(Json::String(key)) => key,
        _ => return Err(tera::Error::message("`t` takes the key of a message: t(key=\"…\")")),
    };
    let default = arguments.remove("default");
    match (scene.message(&key, &Json::Object(arguments)), default) {
        (Some(text), _) => scene.bounded(text),
        (None, Some(Json::String(text))) => Ok(text),
        (None, _) => Err(tera::Error::message(format!("no locale file has the message `{key}`"))),
    }
}

fn when(value: &Value, filter: &str) -> TeraResult<When> {
    When::read(&json(value)?).ok_or_else(|| {
        tera::Error::message(format!("`{filter}` takes milliseconds since 1970 or a date such as 2026-11-22, not `{value}`"))
    })
}

fn json(value: &Value) -> TeraResult<Json> {
    serde_json::to_value(value).map_err(tera::Error::message)
}

/// For one segment of a path or one value of a query (RFC 3986, section 2.3: all but the unreserved).
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Whether `error` is that of a spent budget.
pub fn is_out_of_budget(error: &tera::Error) -> bool {
    match error.kind() {
        tera::ErrorKind::RenderingError(report) => report.message().contains(OUT_OF_BUDGET),
        other => other.to_string().contains(OUT_OF_BUDGET),
    }
}
