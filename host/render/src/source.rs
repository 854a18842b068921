//! Where in whose file a mistake is, with the line itself: for people who write themes, plugins and locale files.

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}\n{excerpt}")]
pub struct SourceError {
    /// Relative to the theme, plugin or host folder that it belongs to.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub message: String,
    /// The line with its number, and below it a mark under the column.
    pub excerpt: String,
}

impl SourceError {
    pub fn new(file: impl Into<String>, source: &str, line: usize, column: usize, message: impl Into<String>) -> Self {
        let (line, column) = (line.max(1), column.max(1));
        Self { file: file.into(), line, column, message: message.into(), excerpt: excerpt(source, line, column) }
    }

    /// At a byte offset of `source`.
    pub fn at_offset(file: impl Into<String>, source: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = place(source, offset);
        Self::new(file, source, line, column, message)
    }
}

/// Line and column (both from 1) of a byte offset.
pub fn place(source: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The byte offset of a line and column (both from 1).
pub(crate) fn offset(source: &str, line: usize, column: usize) -> usize {
    let start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let text = &source[start.min(source.len())..];
    start + text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at)
}

fn excerpt(source: &str, line: usize, column: usize) -> String {
    let Some(text) = source.lines().nth(line - 1) else { return String::new() };
    let number = line.to_string();
    let mark: String = text.chars().take(column - 1).map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
    format!("{number} | {text}\n{} | {mark}^", " ".repeat(number.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_shows_its_line_with_a_mark() {
        let source = "一行目\n{{ oops }}\n";
        let error = SourceError::at_offset("templates/page.html", source, source.find("oops").unwrap(), "not known");
        assert_eq!((error.line, error.column), (2, 4));
        assert_eq!(error.to_string(), "templates/page.html:2:4: not known\n2 | {{ oops }}\n  |    ^");
        assert_eq!(offset(source, 2, 4), source.find("oops").unwrap());
    }
}
