//! The font that documents are set in: how wide texts are, and where a line may end.

use super::PaperError;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::io::Read;
use std::sync::OnceLock;

/// Noto Sans JP, under the SIL Open Font License: fonts/README.md.
static PACKED: &[u8] = include_bytes!("../../fonts/NotoSansJP-Regular.ttf.gz");

/// What is set for a character that the font does not have: what Japanese printers set (下駄).
const MISSING: char = '〓';

pub struct Face {
    krilla: Font,
    bytes: &'static [u8],
    units: f32,
}

/// Unpacked once.
pub fn font() -> Result<&'static Face, PaperError> {
    static FACE: OnceLock<Option<Face>> = OnceLock::new();
    FACE.get_or_init(unpacked).as_ref().ok_or(PaperError::Font)
}

fn unpacked() -> Option<Face> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(PACKED).read_to_end(&mut bytes).ok()?;
    // As long as the program runs.
    let bytes: &'static [u8] = Vec::leak(bytes);
    let krilla = Font::new(bytes.to_vec().into(), 0)?;
    let units = krilla.units_per_em();
    Some(Face { krilla, bytes, units })
}

impl Face {
    pub fn krilla(&self) -> Font {
        self.krilla.clone()
    }

    fn reference(&self) -> Option<FontRef<'static>> {
        FontRef::new(self.bytes).ok()
    }

    /// The text as it is set, and its glyphs; widths in parts of the font's size.
    pub fn glyphs(&self, text: &str) -> (String, Vec<KrillaGlyph>) {
        let Some(font) = self.reference() else { return (String::new(), Vec::new()) };
        let (map, metrics) = (font.charmap(), font.glyph_metrics(Size::unscaled(), LocationRef::default()));
        let text: String = text.chars().filter(|c| !c.is_control()).map(|c| if map.map(c).is_some() { c } else { MISSING }).collect();
        let glyph = |(at, c): (usize, char)| {
            let id = map.map(c).unwrap_or_default();
            let advance = metrics.advance_width(id).unwrap_or(self.units) / self.units;
            KrillaGlyph::new(GlyphId::new(id.to_u32()), advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        let glyphs = text.char_indices().map(glyph).collect();
        (text, glyphs)
    }

    /// In points, at a size.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        self.glyphs(text).1.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size
    }

    /// The text in lines no wider than `width`: broken between words and between Japanese characters.
    pub fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        text.split('\n').flat_map(|line| self.broken(line, size, width)).collect()
    }

    fn broken(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let (text, glyphs) = self.glyphs(text);
        let chars: Vec<char> = text.chars().collect();
        let (mut lines, mut start, mut used, mut last_break) = (Vec::new(), 0, 0.0, None);
        let mut at = 0;
        while at < chars.len() {
            let advance = glyphs[at].x_advance * size;
            if at > start && may_end(chars[at - 1], chars[at]) {
                last_break = Some(at);
            }
            if used + advance > width && at > start {
                let end = last_break.filter(|end| *end > start).unwrap_or(at);
                lines.push(chars[start..end].iter().collect::<String>().trim_end().to_owned());
                (start, at, used, last_break) = (end, end, 0.0, None);
                continue;
            }
            used += advance;
            at += 1;
        }
        lines.push(chars[start..].iter().collect());
        lines
    }
}

/// Whether a line may end between two characters (JIS X 4051, the part that is read at once: nothing closing begins a line,
/// nothing opening ends one).
fn may_end(before: char, after: char) -> bool {
    const NEVER_FIRST: &[char] = &[
        '、', '。', '，', '．', ',', '.', ')', '）', '」', '』', '】', '〉', '》', '〕', '］', '}', '｝', 'ー', 'ぁ', 'ぃ', 'ぅ', 'ぇ',
        'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ッ', 'ャ', 'ュ', 'ョ', '々', '？', '！', '?', '!', '：', '；', ':',
        ';', '・',
    ];
    const NEVER_LAST: &str = "(（「『【〈《〔［{｛¥￥$€£";
    let is_western = |c: char| c.is_ascii_graphic() || ('\u{A1}'..='\u{24F}').contains(&c);
    if NEVER_FIRST.contains(&after) || NEVER_LAST.contains(before) || after == ' ' {
        return false;
    }
    before == ' ' || !(is_western(before) && is_western(after))
}
