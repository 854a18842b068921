//! Parameters: `application/x-www-form-urlencoded`, with brackets for what is nested.

use serde_json::{Map, Value};

/// The pairs as a tree. `a[b]=1` is `{"a": {"b": "1"}}`; `a[]=1` and `a[0]=1` are `{"a": ["1"]}`.
pub fn tree<'a>(pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>) -> Value {
    let mut root = Map::new();
    for (name, value) in pairs {
        let mut steps = name.split('[').map(|step| step.trim_end_matches(']').to_owned());
        let first = steps.next().unwrap_or_default();
        let steps: Vec<String> = steps.collect();
        put(root.entry(first).or_insert(Value::Null), &steps, &value);
    }
    listed(Value::Object(root))
}

fn put(place: &mut Value, steps: &[String], value: &str) {
    let Some((step, rest)) = steps.split_first() else {
        *place = Value::String(value.to_owned());
        return;
    };
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    let Value::Object(inner) = place else { return };
    let step = if step.is_empty() { inner.len().to_string() } else { step.clone() };
    put(inner.entry(step).or_insert(Value::Null), rest, value);
}

/// Objects whose keys count from 0 are lists.
fn listed(value: Value) -> Value {
    let Value::Object(inner) = value else { return value };
    let counts = !inner.is_empty() && inner.keys().enumerate().all(|(at, key)| *key == at.to_string());
    if counts {
        inner.into_iter().map(|(_, value)| listed(value)).collect()
    } else {
        Value::Object(inner.into_iter().map(|(key, value)| (key, listed(value))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_make_a_tree() {
        let pairs = url::form_urlencoded::parse(b"a=1&m[k]=v&l[0][n]=x&l[0][q]=2&e[]=p&e[]=q%5Br%5D");
        let expected = json!({ "a": "1", "m": { "k": "v" }, "l": [{ "n": "x", "q": "2" }], "e": ["p", "q[r]"] });
        assert_eq!(tree(pairs), expected);
    }
}
