//! Where everything of a document stands: a title, whom it is for and who issues, the sum, a table that goes on over pages, sums
//! by rate, and notes.

use super::Sheet;
use super::font::Face;

/// A4 in points (ISO 216: 210 × 297 mm).
pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;

const MARGIN: f32 = 50.0;
const RIGHT: f32 = WIDTH - MARGIN;
/// Where the last line of a page may stand.
const BOTTOM: f32 = HEIGHT - 64.0;
const TEXT: f32 = 9.5;
const SMALL: f32 = 8.0;
const LEADING: f32 = 1.5;
/// Right edges of quantity, price and amount; the name takes what is left of them.
const COLUMNS: [f32; 3] = [RIGHT - 170.0, RIGHT - 85.0, RIGHT];
const NAME_WIDTH: f32 = COLUMNS[0] - 62.0 - MARGIN;
const HALF: f32 = (RIGHT - MARGIN) / 2.0 - 14.0;

/// Something that is drawn on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// From its left end, on its base line.
    Text {
        x: f32,
        y: f32,
        size: f32,
        text: String,
        grey: bool,
    },
    Rule {
        from: f32,
        to: f32,
        y: f32,
        width: f32,
    },
}

struct Pages<'a> {
    sheet: &'a Sheet,
    font: &'a Face,
    pages: Vec<Vec<Mark>>,
    y: f32,
}

/// The marks of each page.
pub fn pages(sheet: &Sheet, font: &Face) -> Vec<Vec<Mark>> {
    let mut pages = Pages { sheet, font, pages: vec![Vec::new()], y: MARGIN };
    pages.head();
    pages.sum();
    pages.table();
    pages.totals();
    pages.rates();
    pages.notes();
    pages.feet();
    pages.pages
}

impl Pages<'_> {
    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn text(&mut self, x: f32, y: f32, size: f32, text: &str) {
        self.mark(Mark::Text { x, y, size, text: text.to_owned(), grey: false });
    }

    fn grey(&mut self, x: f32, y: f32, size: f32, text: &str) {
        self.mark(Mark::Text { x, y, size, text: text.to_owned(), grey: true });
    }

    /// Ends at `x`.
    fn ending(&mut self, x: f32, y: f32, size: f32, text: &str) {
        let width = self.font.width(text, size);
        self.text(x - width, y, size, text);
    }

    fn rule(&mut self, from: f32, to: f32, width: f32) {
        let y = self.y;
        self.mark(Mark::Rule { from, to, y, width });
    }

    /// Lines down from `y`, the first on it. Answers where the next would stand.
    fn block(&mut self, x: f32, y: f32, size: f32, width: f32, text: &str) -> f32 {
        let mut y = y;
        for line in self.font.lines(text, size, width) {
            self.text(x, y, size, &line);
            y += size * LEADING;
        }
        y
    }

    /// A new page, where fewer than `height` points are left on this one.
    fn room(&mut self, height: f32) -> bool {
        if self.y + height <= BOTTOM {
            return false;
        }
        self.pages.push(Vec::new());
        self.y = MARGIN + TEXT;
        true
    }

    fn head(&mut self) {
        let sheet = self.sheet;
        let title = self.font.width(&sheet.title, 20.0);
        self.text((WIDTH - title) / 2.0, MARGIN + 22.0, 20.0, &sheet.title);
        // Whom it is for, on the left.
        let mut left = MARGIN + 64.0;
        for (place, line) in sheet.recipient.iter().enumerate() {
            let size = if place == 0 { 13.0 } else { TEXT };
            left = self.block(MARGIN, left, size, HALF, line);
            if place == 0 {
                left += 3.0;
            }
        }
        // Number, dates and who issues it, on the right.
        let (x, mut right) = (RIGHT - HALF, MARGIN + 60.0);
        for (name, value) in &sheet.facts {
            self.grey(x, right, TEXT, name);
            let at = x + self.font.width(name, TEXT).max(72.0) + 8.0;
            right = self.block(at, right, TEXT, RIGHT - at, value);
        }
        right += 8.0;
        for (place, line) in sheet.issuer.iter().enumerate() {
            let size = if place == 0 { 11.0 } else { TEXT };
            right = self.block(x, right, size, HALF, line);
        }
        self.y = left.max(right) + 12.0;
    }

    fn sum(&mut self) {
        let sheet = self.sheet;
        if !sheet.lead.is_empty() {
            self.y = self.block(MARGIN, self.y, TEXT, RIGHT - MARGIN, &sheet.lead);
        }
        self.y += 14.0;
        let (name, amount) = &sheet.sum;
        self.text(MARGIN + 4.0, self.y, 11.0, name);
        let width = self.font.width(amount, 18.0);
        let x = (MARGIN + HALF + 40.0).max(MARGIN + 150.0 + width);
        self.text(x - width, self.y, 18.0, amount);
        self.y += 8.0;
        self.rule(MARGIN, x + 4.0, 1.2);
        self.y += 18.0;
        if !sheet.purpose.is_empty() {
            self.y = self.block(MARGIN + 4.0, self.y, TEXT, RIGHT - MARGIN - 4.0, &sheet.purpose) + 4.0;
        }
    }

    fn table_head(&mut self) {
        let [name, columns @ ..] = &self.sheet.heads;
        self.rule(MARGIN, RIGHT, 0.8);
        self.y += 14.0;
        self.grey(MARGIN + 4.0, self.y, SMALL, name);
        for (x, head) in COLUMNS.iter().zip(columns) {
            let width = self.font.width(head, SMALL);
            self.grey(x - 4.0 - width, self.y, SMALL, head);
        }
        self.y += 6.0;
        self.rule(MARGIN, RIGHT, 0.8);
    }

    fn table(&mut self) {
        let sheet = self.sheet;
        if sheet.rows.is_empty() {
            return;
        }
        self.room(80.0);
        self.table_head();
        for [name, columns @ ..] in &sheet.rows {
            let lines = self.font.lines(name, TEXT, NAME_WIDTH);
            let height = lines.len() as f32 * TEXT * 1.35;
            if self.room(height + 10.0) {
                self.table_head();
            }
            let top = self.y + 14.0;
            for (place, line) in lines.iter().enumerate() {
                self.text(MARGIN + 4.0, top + place as f32 * TEXT * 1.35, TEXT, line);
            }
            for (x, cell) in COLUMNS.iter().zip(columns) {
                self.ending(x - 4.0, top, TEXT, cell);
            }
            self.y = top + height - TEXT * 1.35 + 6.0;
            self.rule(MARGIN, RIGHT, 0.3);
        }
    }

    fn totals(&mut self) {
        let sheet = self.sheet;
        self.room(sheet.totals.len() as f32 * 17.0 + 12.0);
        self.y += 4.0;
        for (name, amount) in &sheet.totals {
            self.y += 14.0;
            self.text(COLUMNS[0] + 4.0, self.y, TEXT, name);
            self.ending(RIGHT - 4.0, self.y, TEXT, amount);
            self.y += 3.0;
            self.rule(COLUMNS[0], RIGHT, 0.3);
        }
        self.y += 14.0;
    }

    fn rates(&mut self) {
        let sheet = self.sheet;
        if !sheet.rates.is_empty() {
            self.room((sheet.rates.len() + 2) as f32 * 16.0);
            let edges = [MARGIN + 270.0, MARGIN + 360.0];
            let row = |pages: &mut Self, cells: &[String; 3], size: f32| {
                pages.y += 14.0;
                pages.text(MARGIN + 4.0, pages.y, size, &cells[0]);
                for (x, cell) in edges.iter().zip(&cells[1..]) {
                    pages.ending(*x, pages.y, size, cell);
                }
            };
            self.rule(MARGIN, edges[1] + 4.0, 0.5);
            row(self, &sheet.rate_heads, SMALL);
            for cells in &sheet.rates {
                row(self, cells, TEXT);
            }
            self.y += 6.0;
            self.rule(MARGIN, edges[1] + 4.0, 0.5);
            self.y += 14.0;
        }
        for remark in &sheet.remarks {
            self.room(SMALL * LEADING);
            self.y = self.block(MARGIN + 4.0, self.y, SMALL, RIGHT - MARGIN - 4.0, remark);
        }
    }

    fn notes(&mut self) {
        let sheet = self.sheet;
        for (heading, text) in &sheet.notes {
            self.y += 10.0;
            self.room(TEXT * LEADING * 3.0);
            self.grey(MARGIN, self.y, SMALL, heading);
            self.y += 4.0;
            self.rule(MARGIN, RIGHT, 0.3);
            self.y += 14.0;
            for line in self.font.lines(text, TEXT, RIGHT - MARGIN - 8.0) {
                self.room(TEXT * LEADING);
                self.text(MARGIN + 4.0, self.y, TEXT, &line);
                self.y += TEXT * LEADING;
            }
        }
    }

    /// The number of the document and of the page, where there are several.
    fn feet(&mut self) {
        let count = self.pages.len();
        if count < 2 {
            return;
        }
        let number = self.sheet.facts.first().map(|(_, number)| number.clone()).unwrap_or_default();
        for (place, page) in self.pages.iter_mut().enumerate() {
            let text = format!("{number}  {} / {count}", place + 1);
            let x = RIGHT - self.font.width(text.trim(), SMALL);
            page.push(Mark::Text { x, y: HEIGHT - 36.0, size: SMALL, text: text.trim().to_owned(), grey: true });
        }
    }
}
