//! The examples of the CommonMark specification, run through the renderer of pages: `spec.txt` of the npm package
//! commonmark-spec 0.31.2, whose path `TSUDOI_COMMONMARK_SPEC` gives (`cargo xtask test` fetches it and sets it). Both
//! sides are sanitised before they are compared; our extensions change none of the examples.

use tsudoi_render::markdown::{Options, Part, render};
use tsudoi_render::sanitise::page_html;

struct Example {
    number: usize,
    section: String,
    markdown: String,
    html: String,
}

/// As the package's own `index.js` reads the text: examples between fences of 32 backticks, a lone dot between
/// Markdown and HTML, and arrows for tabs.
fn examples(spec: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    let mut section = String::new();
    let mut lines = spec.lines().take_while(|line| *line != "<!-- END TESTS -->");
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix('#') {
            heading.trim_start_matches('#').trim().clone_into(&mut section);
        }
        if line != format!("{fence} example") {
            continue;
        }
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        let dot = text.iter().position(|line| *line == ".").expect("an example has a dot between Markdown and HTML");
        let join = |lines: &[&str]| lines.iter().map(|line| format!("{}\n", line.replace('→', "\t"))).collect::<String>();
        examples.push(Example {
            number: examples.len() + 1,
            section: section.clone(),
            markdown: join(&text[..dot]),
            html: join(&text[dot + 1..]),
        });
    }
    examples
}

fn ours(markdown: &str) -> String {
    let parts = render(markdown, Options::default());
    let html = |part: &Part| match part {
        Part::Html(html) => html.clone(),
        other => format!("{other:?}"),
    };
    normalised(&parts.iter().map(html).collect::<String>())
}

/// Without the ids that our headings have, and without line ends that HTML does not show.
fn normalised(html: &str) -> String {
    let mut plain = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(" id=\"") {
        let (before, id) = rest.split_at(at);
        let is_heading = ["<h1", "<h2", "<h3", "<h4", "<h5", "<h6"].iter().any(|tag| before.ends_with(tag));
        let length = if is_heading { id[5..].find('"').map_or(id.len(), |length| length + 6) } else { 5 };
        plain.push_str(before);
        if !is_heading {
            plain.push_str(&id[..length]);
        }
        rest = &id[length..];
    }
    plain.push_str(rest);
    plain.trim().lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").replace("<li>\n", "<li>")
}

#[test]
fn pages_render_commonmark_as_its_specification_says() {
    let path = std::env::var("TSUDOI_COMMONMARK_SPEC").expect(
        "TSUDOI_COMMONMARK_SPEC is not set: run `cargo xtask test`, or give the path of spec.txt from the npm package commonmark-spec 0.31.2",
    );
    let spec = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path} can't be read: {error}"));
    let examples = examples(&spec);
    assert!(examples.len() >= 650, "only {} examples in {path}: not the specification's text", examples.len());
    let mut failures = Vec::new();
    for Example { number, section, markdown, html } in &examples {
        let (given, expected) = (ours(markdown), normalised(&page_html(html)));
        if given != expected {
            failures.push(format!("example {number} ({section})\n{markdown}---- expected\n{expected}\n---- given\n{given}\n"));
        }
    }
    println!("CommonMark: {} examples run, {} of them failed", examples.len(), failures.len());
    assert!(failures.is_empty(), "{} examples failed:\n{}", failures.len(), failures.join("\n"));
}
