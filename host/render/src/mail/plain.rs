//! Plain text from Markdown's events. Links are written out; a list keeps its marks.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd};

#[derive(Default)]
pub struct Plain {
    text: String,
    /// Of the lists around: the next number, or none for one with dashes.
    lists: Vec<Option<u64>>,
    quotes: usize,
    /// Where the text of a link began, and its address.
    links: Vec<(usize, String)>,
    cells: usize,
    /// Between two blocks stands an empty line; within a tight list none.
    pending: Pending,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pending {
    /// Nothing has been written yet.
    #[default]
    Start,
    No,
    Line,
    Paragraph,
}

impl Plain {
    pub fn finish(mut self) -> String {
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self.text.push('\n');
        self.text
    }

    pub fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) | Event::Code(text) => self.push(text),
            Event::HardBreak | Event::SoftBreak => {
                self.text.push('\n');
                self.indent();
            }
            Event::Rule => {
                self.need(Pending::Paragraph);
                self.push("----------------------------------------");
                self.need(Pending::Paragraph);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.need(Pending::Paragraph);
                self.push(if *level <= HeadingLevel::H2 { "■ " } else { "● " });
            }
            Tag::BlockQuote(_) => {
                self.need(Pending::Paragraph);
                self.quotes += 1;
            }
            Tag::List(first) => {
                self.need(if self.lists.is_empty() { Pending::Paragraph } else { Pending::Line });
                self.lists.push(*first);
            }
            Tag::Item => {
                self.need(Pending::Line);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                // The mark stands where the text of the item above begins.
                let list = self.lists.pop();
                self.push(&mark);
                self.lists.extend(list);
            }
            Tag::Link { link_type, dest_url, .. } => {
                self.write_pending();
                let shown = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.links.push((self.text.len(), if shown { String::new() } else { dest_url.to_string() }));
            }
            Tag::Image { .. } => self.push("["),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) | Tag::Paragraph | Tag::Table(_) => {
                self.need(if self.text.ends_with("- ") || self.text.ends_with(". ") { Pending::No } else { Pending::Paragraph });
            }
            Tag::TableHead | Tag::TableRow => {
                self.need(Pending::Line);
                self.cells = 0;
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.push(" | ");
                }
                self.cells += 1;
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                if let Some((start, address)) = self.links.pop()
                    && !address.is_empty()
                    && self.text.get(start..) != Some(address.as_str())
                {
                    self.text.push_str(&format!(" <{address}> "));
                }
            }
            TagEnd::Image => self.push("]"),
            TagEnd::BlockQuote(_) => {
                self.quotes = self.quotes.saturating_sub(1);
                self.need(Pending::Paragraph);
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.need(if self.lists.is_empty() { Pending::Paragraph } else { Pending::Line });
            }
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table => self.need(Pending::Paragraph),
            TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead => self.need(Pending::Line),
            _ => {}
        }
    }

    fn need(&mut self, pending: Pending) {
        if self.pending != Pending::Start {
            self.pending = self.pending.max(pending);
        }
    }

    fn write_pending(&mut self) {
        let lines = match self.pending {
            Pending::Start | Pending::No => 0,
            Pending::Line => 1,
            Pending::Paragraph => 2,
        };
        let end = self.text.trim_end_matches(' ').len();
        if lines > 0 {
            self.text.truncate(end);
        }
        for line in 0..lines {
            self.text.push('\n');
            if line + 1 == lines {
                self.indent();
            }
        }
        if self.pending == Pending::Start {
            self.indent();
        }
        self.pending = Pending::No;
    }

    /// What every line begins with here.
    fn indent(&mut self) {
        self.text.push_str(&"> ".repeat(self.quotes));
        for list in &self.lists {
            self.text.push_str(if list.is_some() { "   " } else { "  " });
        }
    }

    fn push(&mut self, text: &str) {
        self.write_pending();
        let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                self.text.push('\n');
                self.indent();
            }
            self.text.push_str(line);
        }
    }
}
