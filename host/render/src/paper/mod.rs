//! Documents on paper: an invoice, a credit note or a receipt as a PDF of A4 pages. Data in, bytes out: what stands on it is
//! said by whoever makes the [`Sheet`], here it is set and broken into pages.

mod font;
mod layout;

use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::{Document, color::rgb};
use layout::{HEIGHT, Mark, WIDTH};
use tsudoi_kernel::Locale;

/// What stands on a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    pub locale: Locale,
    /// 請求書, Invoice.
    pub title: String,
    /// Number and dates, each with its name.
    pub facts: Vec<(String, String)>,
    /// Lines: the name first.
    pub recipient: Vec<String>,
    /// Lines: the name first.
    pub issuer: Vec<String>,
    /// A sentence above the sum.
    pub lead: String,
    pub sum: (String, String),
    /// What is below the sum: for what a receipt is.
    pub purpose: String,
    /// Names of the four columns.
    pub heads: [String; 4],
    /// Name, quantity, price, amount.
    pub rows: Vec<[String; 4]>,
    pub totals: Vec<(String, String)>,
    /// Names of the columns of sums by rate.
    pub rate_heads: [String; 3],
    pub rates: Vec<[String; 3]>,
    /// Small print below the tables.
    pub remarks: Vec<String>,
    /// Headed texts: where to transfer to, a note.
    pub notes: Vec<(String, String)>,
}

#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    #[error("the font in this program can not be read")]
    Font,
    #[error("the PDF was not made: {0}")]
    Pdf(String),
}

impl Sheet {
    /// The document as PDF 1.7, with the glyphs that it shows embedded.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        let font = font::font()?;
        let pages = layout::pages(self, font);
        let mut document = Document::new();
        let number = self.facts.first().map(|(_, number)| number.as_str()).unwrap_or_default();
        let title = format!("{} {number}", self.title);
        document.set_metadata(Metadata::new().title(title.trim().to_owned()).language(self.locale.tag().to_owned()));
        for marks in &pages {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| PaperError::Pdf("the size of a page".into()))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            marks.iter().for_each(|mark| draw(&mut surface, font, mark));
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| PaperError::Pdf(format!("{error:?}")))
    }
}

fn draw(surface: &mut Surface<'_>, font: &font::Face, mark: &Mark) {
    let ink = |level: u8| Some(Fill { paint: rgb::Color::new(level, level, level).into(), opacity: NormalizedF32::ONE, ..Fill::default() });
    match mark {
        Mark::Text { x, y, size, text, grey } => {
            surface.set_fill(ink(if *grey { 90 } else { 20 }));
            surface.set_stroke(None);
            let (text, glyphs) = font.glyphs(text);
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, font.krilla(), &text, *size, false);
        }
        Mark::Rule { from, to, y, width } => {
            let mut path = PathBuilder::new();
            path.move_to(*from, *y);
            path.line_to(*to, *y);
            let Some(path) = path.finish() else { return };
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint: rgb::Color::new(120, 120, 120).into(), width: *width, ..Stroke::default() }));
            surface.draw_path(&path);
        }
    }
}

#[cfg(test)]
mod tests;
