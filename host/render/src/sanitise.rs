//! What of HTML by others may reach a page, by allow-list (ammonia): nothing that runs, nothing that styles, nothing
//! that asks for a password or sends a form to a place that is not the plugin's own.

use crate::balance::balanced;
use crate::forms;
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Attributes through which a page or a plugin asks the host for interactivity.
pub const HOST_ATTRIBUTES: [&str; 4] = ["data-confirm", "data-sort", "data-preview", "data-copy"];

/// Ids and classes with this beginning are the host's and the theme's.
pub const RESERVED_PREFIX: &str = "host-";

/// Whether `id` is one that themes and host use themselves.
pub fn is_reserved_id(id: &str) -> bool {
    id == "main" || id.starts_with(RESERVED_PREFIX)
}

const TEXT_TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];
const LAYOUT_TAGS: &[&str] = &["address", "article", "aside", "footer", "header", "hgroup", "nav", "picture", "source", "track"];
const FORM_TAGS: &[&str] = &[
    "button", "datalist", "fieldset", "form", "input", "label", "legend", "meter", "optgroup", "option", "output", "progress", "select",
    "textarea",
];
/// Dropped with all that is inside.
const DROPPED: &[&str] = &[
    "script",
    "style",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "applet",
    "frame",
    "frameset",
    "noscript",
    "template",
    "title",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
];
const GENERIC: &[&str] = &["class", "id", "lang", "dir", "title", "role", "hidden", "translate"];

const INPUT_TYPES: [&str; 19] = [
    "text",
    "search",
    "email",
    "tel",
    "url",
    "number",
    "range",
    "date",
    "datetime-local",
    "month",
    "week",
    "time",
    "color",
    "checkbox",
    "radio",
    "hidden",
    "submit",
    "reset",
    "file",
];
const AUTOCOMPLETE: [&str; 16] = [
    "on",
    "off",
    "name",
    "family-name",
    "given-name",
    "nickname",
    "email",
    "tel",
    "postal-code",
    "street-address",
    "address-level1",
    "address-level2",
    "organization",
    "bday",
    "url",
    "language",
];
/// Fields that the host itself puts into forms.
const HOST_FIELDS: [&str; 2] = ["_csrf", "_call"];

static PAGE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = base(&[TEXT_TAGS, LAYOUT_TAGS, &["input"]]);
    // What a task list needs, and nothing that can be typed into.
    builder.add_tag_attributes("input", &["checked"]);
    builder.set_tag_attribute_values(HashMap::from([("input", HashMap::from([("type", "checkbox"), ("disabled", "")]))]));
    builder.attribute_filter(common_attribute);
    builder
});

static MEMBER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut builder = base(&[&tags]);
    builder.generic_attributes(HashSet::new());
    builder.generic_attribute_prefixes(HashSet::new());
    builder.add_tag_attributes("td", &["class"]).add_tag_attributes("th", &["class"]);
    builder.link_rel(Some("nofollow ugc noopener"));
    builder.attribute_filter(|_, attribute, value| match attribute {
        "class" => value.starts_with("align-").then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    });
    builder
});

/// HTML of a page that staff wrote: raw HTML in Markdown, without forms.
pub fn page_html(html: &str) -> String {
    PAGE.clean(&balanced(html)).to_string()
}

/// HTML that a plugin's own template gave. Forms go to the plugin's own paths or lose their tags; fields for passwords
/// become hidden and empty.
pub fn plugin_html(html: &str, plugin_id: &str) -> String {
    let mut builder = base(&[TEXT_TAGS, LAYOUT_TAGS, FORM_TAGS]);
    for (tag, attributes) in [
        ("form", &["action", "method", "enctype", "autocomplete", "novalidate"][..]),
        (
            "input",
            &[
                "type",
                "name",
                "value",
                "checked",
                "disabled",
                "required",
                "readonly",
                "placeholder",
                "min",
                "max",
                "step",
                "minlength",
                "maxlength",
                "pattern",
                "size",
                "list",
                "multiple",
                "accept",
                "autocomplete",
                "inputmode",
                "autofocus",
            ],
        ),
        (
            "textarea",
            &["name", "rows", "cols", "disabled", "required", "readonly", "placeholder", "minlength", "maxlength", "wrap", "autofocus"],
        ),
        ("select", &["name", "disabled", "required", "multiple", "size", "autofocus"]),
        ("option", &["value", "selected", "disabled", "label"]),
        ("optgroup", &["label", "disabled"]),
        ("button", &["type", "name", "value", "disabled"]),
        ("fieldset", &["disabled", "name"]),
        ("label", &["for"]),
        ("output", &["for", "name"]),
        ("progress", &["value", "max"]),
        ("meter", &["value", "min", "max", "low", "high", "optimum"]),
    ] {
        builder.add_tag_attributes(tag, attributes);
    }
    let prefixes = [format!("/p/{plugin_id}"), format!("/admin/p/{plugin_id}")];
    builder.attribute_filter(move |element, attribute, value| plugin_attribute(&prefixes, element, attribute, value));
    forms::drop_without_action(&builder.clean(&balanced(html)).to_string()).into_owned()
}

/// HTML that [`crate::markdown::member_text`] made.
pub(crate) fn member_html(html: &str) -> String {
    MEMBER.clean(&balanced(html)).to_string()
}

fn base(tags: &[&[&'static str]]) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder.tags(tags.iter().flat_map(|tags| tags.iter().copied()).collect());
    builder.clean_content_tags(DROPPED.iter().copied().collect());
    builder.tag_attributes(HashMap::from([
        ("a", HashSet::from(["href", "hreflang"])),
        ("blockquote", HashSet::from(["cite"])),
        ("q", HashSet::from(["cite"])),
        ("col", HashSet::from(["span"])),
        ("colgroup", HashSet::from(["span"])),
        ("data", HashSet::from(["value"])),
        ("del", HashSet::from(["cite", "datetime"])),
        ("ins", HashSet::from(["cite", "datetime"])),
        ("details", HashSet::from(["open"])),
        ("img", HashSet::from(["src", "srcset", "sizes", "alt", "width", "height", "loading", "decoding"])),
        ("source", HashSet::from(["srcset", "sizes", "media", "type", "width", "height"])),
        ("li", HashSet::from(["value"])),
        ("ol", HashSet::from(["start", "reversed", "type"])),
        ("td", HashSet::from(["colspan", "rowspan", "headers"])),
        ("th", HashSet::from(["colspan", "rowspan", "headers", "scope", "abbr"])),
        ("time", HashSet::from(["datetime"])),
    ]));
    builder.generic_attributes(GENERIC.iter().chain(&HOST_ATTRIBUTES).copied().collect());
    builder.generic_attribute_prefixes(HashSet::from(["aria-"]));
    builder.url_schemes(HashSet::from(["http", "https", "mailto", "tel"]));
    builder.url_relative(UrlRelative::PassThrough);
    builder.link_rel(Some("noopener"));
    builder.strip_comments(true);
    builder
}

fn common_attribute<'a>(element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    match (element, attribute) {
        (_, "id") => (!value.is_empty() && !is_reserved_id(value)).then_some(Cow::Borrowed(value)),
        (_, "class") => {
            let kept: Vec<_> = value.split_ascii_whitespace().filter(|class| !class.starts_with(RESERVED_PREFIX)).collect();
            (!kept.is_empty()).then(|| Cow::Owned(kept.join(" ")))
        }
        (_, "src" | "srcset") => sources_are_web(value).then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Whether none of the addresses in a `src` or `srcset` names a scheme other than HTTP.
fn sources_are_web(value: &str) -> bool {
    value.split([',', ' ']).filter(|part| !part.is_empty()).all(|part| match part.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => {
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        }
        _ => true,
    })
}

fn plugin_attribute<'a>(prefixes: &[String; 2], element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
    match (element, attribute) {
        ("form", "action") => prefixes.iter().any(|prefix| is_under(prefix, value)).then_some(Cow::Borrowed(value)),
        ("form", "method") => {
            let method = value.to_ascii_lowercase();
            matches!(method.as_str(), "get" | "post").then_some(Cow::Owned(method))
        }
        ("form", "enctype") => value.eq_ignore_ascii_case("multipart/form-data").then_some(Cow::Borrowed("multipart/form-data")),
        ("input", "type") => {
            let kind = value.to_ascii_lowercase();
            Some(if INPUT_TYPES.contains(&kind.as_str()) { Cow::Owned(kind) } else { Cow::Borrowed("hidden") })
        }
        ("button", "type") => matches!(value, "submit" | "button" | "reset").then_some(Cow::Borrowed(value)),
        (_, "autocomplete") => AUTOCOMPLETE.contains(&value).then_some(Cow::Borrowed(value)),
        (_, "name") => (!HOST_FIELDS.contains(&value)).then_some(Cow::Borrowed(value)),
        _ => common_attribute(element, attribute, value),
    }
}

/// Whether `action` stays below `prefix` also after the browser has resolved it (URL standard, section 4.4: `\` counts
/// as `/`, tabs and line ends vanish, `%2e` is a dot).
fn is_under(prefix: &str, action: &str) -> bool {
    let path = action.split(['?', '#']).next().unwrap_or_default();
    let Some(rest) = path.strip_prefix(prefix) else { return false };
    let lower = rest.to_ascii_lowercase();
    (rest.is_empty() || rest.starts_with('/'))
        && !rest.contains(|character: char| character == '\\' || character.is_control())
        && !["%2e", "%2f", "%5c"].iter().any(|encoded| lower.contains(encoded))
        && !rest.split('/').any(|segment| segment == "." || segment == "..")
}

#[cfg(test)]
#[path = "sanitise_tests.rs"]
mod tests;
