//! What a hostile template may not contain, and the counting that is put into it. Tera has no fuel: a few nested loops
//! over a long list would keep a thread for hours, and a few doublings of a string would take all memory. So every round
//! of a loop and every include spends a step of the rendering's budget, and whatever makes values grow is refused
//! when the templates are loaded, or bounded where it is a filter ([`crate::functions::restrict`]).

use crate::syntax::{Kind, Segment, segments, without_strings};
use std::collections::BTreeMap;

/// A template with the counting put in.
pub struct Counted {
    pub source: String,
    /// Where in the original how many bytes were put in, in order.
    insertions: Vec<(usize, usize)>,
}

/// A mistake at a byte offset of the original.
pub struct Refused {
    pub offset: usize,
    pub message: &'static str,
}

impl Counted {
    /// The offset in the original of an offset in the counted source.
    pub fn original(&self, offset: usize) -> usize {
        let mut shift = 0;
        for (at, length) in &self.insertions {
            if at + shift + length > offset {
                return offset.saturating_sub(shift).min(offset.max(*at));
            }
            shift += length;
        }
        offset - shift
    }
}

/// Checks `source` and puts the counting in.
pub fn count(source: &str) -> Result<Counted, Refused> {
    let mut counted = Counted { source: String::with_capacity(source.len() + 256), insertions: Vec::new() };
    let mut copied = 0;
    let mut parents = 0;
    for segment in segments(source) {
        let code = without_strings(segment.inside(source));
        let refused = |message| Refused { offset: segment.range.start, message };
        parents += words(&code).filter(|word| *word == "super").count();
        if parents > 1 {
            return Err(refused("`super()` may stand in a plugin's template once"));
        }
        let keyword = if segment.kind == Kind::Tag { words(&code).next().unwrap_or_default() } else { "" };
        if let Some(message) = refusal(keyword, &code) {
            return Err(refused(message));
        }
        if matches!(keyword, "include" | "extends") && segment.inside(source).contains('\\') {
            return Err(refused("the name of a file has no backslash"));
        }
        let at = match keyword {
            "for" => segment.range.end,
            "include" => segment.range.start,
            _ => continue,
        };
        let step = step(keyword, &segment, source);
        counted.source.push_str(&source[copied..at]);
        counted.source.push_str(step);
        counted.insertions.push((at, step.len()));
        copied = at;
    }
    counted.source.push_str(&source[copied..]);
    Ok(counted)
}

/// How deep files may include and extend one another: each takes a stretch of the thread's stack.
const DEEPEST: usize = 8;

/// The first of `templates` (name and source) that stands at the head of too long a chain of includes and parents,
/// or of one without end.
pub fn too_deep<'a>(templates: &[(&'a str, &'a str)]) -> Option<&'a str> {
    let links: BTreeMap<&str, Vec<&str>> = templates.iter().map(|(name, source)| (*name, links(source))).collect();
    let mut depths: BTreeMap<&str, usize> = links.keys().map(|name| (*name, 1)).collect();
    for _ in 0..DEEPEST {
        let below = |link: &&str| depths.get(link).copied().unwrap_or_default();
        depths = links.iter().map(|(name, links)| (*name, 1 + links.iter().map(below).max().unwrap_or_default())).collect();
    }
    templates.iter().map(|(name, _)| *name).find(|name| depths[name] > DEEPEST)
}

/// The names in `{% include "…" %}` and `{% extends "…" %}`.
fn links(source: &str) -> Vec<&str> {
    let link = |segment: Segment| {
        let tag = segment.inside(source).trim();
        let name = tag.strip_prefix("include").or_else(|| tag.strip_prefix("extends"))?.trim();
        (segment.kind == Kind::Tag).then(|| name.trim_matches(['"', '\'', '`']))
    };
    segments(source).into_iter().filter_map(link).collect()
}

fn refusal(keyword: &str, code: &str) -> Option<&'static str> {
    match keyword {
        "component" => return Some("components are not there for templates of plugins: use `include`"),
        "filter" => return Some("sections with a filter are not there for templates of plugins: filter the value"),
        "set" | "set_global" if !code.contains('=') => {
            return Some("`set` with a body is not there for templates of plugins");
        }
        "set" | "set_global" | "for" if code.contains(['~', '[', '{']) => {
            return Some("`set` and `for` in a plugin's template take a value as it is, without `~`, `[` and `{`");
        }
        _ => {}
    }
    // `[x for x in list]` would loop without being counted.
    let loops = words(code).filter(|word| *word == "for").count();
    (loops > usize::from(keyword == "for")).then_some("lists made by `for` within `[ ]` are not there for templates of plugins")
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_').filter(|word| !word.is_empty())
}

/// The step, trimming white space as its neighbour does.
fn step(keyword: &str, segment: &Segment, source: &str) -> &'static str {
    match keyword {
        "for" if segment.trims_after(source) => "{{ spend_step() -}}",
        "include" if segment.trims_before(source) => "{{- spend_step() }}",
        _ => "{{ spend_step() }}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_and_includes_are_counted_and_white_space_stays_trimmed() {
        let counted = count("a {%- for x in y -%} {{ x }}{% endfor %} {%- include \"b.html\" %}").ok().unwrap();
        assert_eq!(
            counted.source,
            "a {%- for x in y -%}{{ spend_step() -}} {{ x }}{% endfor %} {{- spend_step() }}{%- include \"b.html\" %}"
        );
        let original = "a {%- for x in y -%} {{ x }}{% endfor %} {%- include \"b.html\" %}";
        for needle in ["a {%", "{{ x }}", "{% endfor", "include"] {
            let at = counted.source.find(needle).unwrap();
            assert_eq!(counted.original(at), original.find(needle).unwrap(), "{needle}");
        }
    }

    #[test]
    fn long_chains_and_circles_are_too_deep() {
        let chain = |length: usize| -> Vec<(String, String)> {
            let link = |number: usize| if number + 1 < length { format!("{{% include \"{}\" %}}", number + 1) } else { String::new() };
            (0..length).map(|number| (number.to_string(), link(number))).collect()
        };
        let head = |chain: &[(String, String)]| {
            let templates: Vec<_> = chain.iter().map(|(name, source)| (name.as_str(), source.as_str())).collect();
            too_deep(&templates).map(str::to_owned)
        };
        assert_eq!(head(&chain(DEEPEST)), None);
        assert_eq!(head(&chain(DEEPEST + 1)).as_deref(), Some("0"));
        assert_eq!(too_deep(&[("a", "{% include 'b' %}"), ("b", "{%- extends `a` -%}")]), Some("a"));
    }

    #[test]
    fn what_makes_values_grow_is_refused() {
        for source in [
            "{% set a = a ~ a %}",
            "{% set a = [a, a] %}",
            "{% for x in [a ~ a] %}{% endfor %}",
            "{% set a %}{{ a }}{{ a }}{% endset %}",
            "{% filter upper %}{% endfilter %}",
            "{% component c(x) %}{% endcomponent %}",
            "{{ [x for x in y] | length }}",
            "{% if [x for x in y] %}{% endif %}",
            "{{ super() }}{{ super() }}",
            r#"{% include "a\/b.html" %}"#,
        ] {
            assert!(count(source).is_err(), "{source}");
        }
        for source in [
            "{{ a ~ b }}",
            r#"{{ t(key="state-" ~ state) }}"#,
            r#"{% set a = "~ [ {" %}"#,
            r#"{% if "for for" == x %}{% endif %}"#,
            "{% for key, x in y | sort(attribute=\"n\") %}{{ x }}{% else %}none{% endfor %}",
            r#"<label for="x">for</label>"#,
            "{{ super() }}",
        ] {
            assert!(count(source).is_ok(), "{source}");
        }
    }
}
