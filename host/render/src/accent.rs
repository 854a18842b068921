//! The colours that follow from the main colour of an organisation: readable on light and on dark, whatever colour
//! staff chose (WCAG 2.2, success criterion 1.4.3: a contrast of 4.5 to 1).

/// Pages in light are at least this light, and in dark at most this light: a theme's surfaces stay outside of both.
pub const DARKEST_LIGHT_SURFACE: &str = "#f1f1ee";
pub const LIGHTEST_DARK_SURFACE: &str = "#262b30";

const READABLE: f64 = 4.5;

/// The rules of `/site.css` for a main colour `#rrggbb`; `None` for anything else.
///
/// - `--accent`: the colour for areas, such as a button: in light as staff chose it, in dark lightened until it stands
///   out from the page (3 to 1, success criterion 1.4.11).
/// - `--accent-contrast`: white or nearly black, for text on `--accent`; where neither is readable, `--accent` gives way.
/// - `--accent-text`: the colour for links and text on the page.
/// - `--accent-soft`: a tint for backgrounds, on which `--accent-text` stays readable.
/// - `--accent-hover`: `--accent` when it is pointed at.
pub fn css(hex: &str) -> Option<String> {
    let main = Colour::parse(hex)?;
    let light = Scheme::new(main, Colour::parse(DARKEST_LIGHT_SURFACE)?, BLACK, 0.08);
    let dark = Scheme::new(main, Colour::parse(LIGHTEST_DARK_SURFACE)?, WHITE, 0.12);
    Some(format!(":root{{{}}}\n@media (prefers-color-scheme: dark){{:root{{{}}}}}\n", light.rules(), dark.rules()))
}

/// Whether a main colour `#rrggbb` can be read on a light page as it is: [`css`] darkens any other for links and text.
pub fn is_readable(hex: &str) -> bool {
    let surface = Colour::parse(DARKEST_LIGHT_SURFACE);
    Colour::parse(hex).zip(surface).is_some_and(|(main, surface)| main.contrast(surface) >= READABLE)
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Colour([f64; 3]);

const WHITE: Colour = Colour([1.0; 3]);
const BLACK: Colour = Colour([0.0; 3]);
/// Softer than black for text on a light accent.
const INK: Colour = Colour([17.0 / 255.0; 3]);

struct Scheme {
    accent: Colour,
    contrast: Colour,
    hover: Colour,
    text: Colour,
    soft: Colour,
}

impl Scheme {
    /// `away` is the end of the scale towards which a colour gains contrast to `surface`.
    fn new(main: Colour, surface: Colour, away: Colour, tint: f64) -> Self {
        let visible = if away == WHITE { main.towards(away, |colour| colour.contrast(surface) >= 3.0) } else { main };
        let on = |colour: Colour| if colour.contrast(WHITE) >= READABLE { WHITE } else { INK };
        // Only for a narrow band of greys is neither readable; there the colour moves away from the ink.
        let accent = visible.towards(WHITE, |colour| colour.contrast(on(colour)) >= READABLE);
        let contrast = on(accent);
        let hover = accent.mix(if contrast == WHITE { BLACK } else { WHITE }, 0.18);
        let text =
            main.towards(away, |colour| colour.contrast(surface) >= READABLE && colour.contrast(surface.mix(main, tint)) >= READABLE);
        Self { accent, contrast, hover, text, soft: surface.mix(main, tint) }
    }

    fn rules(&self) -> String {
        let Self { accent, contrast, hover, text, soft } = self;
        [("accent", accent), ("accent-contrast", contrast), ("accent-hover", hover), ("accent-text", text), ("accent-soft", soft)]
            .map(|(name, colour)| format!("--{name}:{};", colour.hex()))
            .concat()
    }
}

impl Colour {
    fn parse(hex: &str) -> Option<Self> {
        let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().map(|part| f64::from(part) / 255.0);
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    fn hex(self) -> String {
        let part = |value: f64| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        format!("#{:02x}{:02x}{:02x}", part(self.0[0]), part(self.0[1]), part(self.0[2]))
    }

    fn mix(self, other: Self, share: f64) -> Self {
        let mixed = std::array::from_fn(|at| self.0[at] * (1.0 - share) + other.0[at] * share);
        // What is computed with is what is written.
        Self::parse(&Self(mixed).hex()).unwrap_or(Self(mixed))
    }

    /// The first colour on the way to `end` that is `enough`, else `end`.
    fn towards(self, end: Self, enough: impl Fn(Self) -> bool) -> Self {
        (0..=50).map(|step| self.mix(end, f64::from(step) / 50.0)).find(|colour| enough(*colour)).unwrap_or(end)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|value| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert_eq!(WHITE.contrast(BLACK), 21.0);
        let grey = Colour::parse("#767676").unwrap();
        assert!((grey.contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_colour_gives_readable_text_in_both_schemes() {
        let steps = [0u8, 40, 80, 110, 118, 128, 160, 200, 230, 255];
        for number in 0..1000 {
            let [red, green, blue] = [number / 100, number / 10 % 10, number % 10].map(|at| steps[at]);
            let hex = format!("#{red:02x}{green:02x}{blue:02x}");
            let css = css(&hex).unwrap();
            let (light, dark) = css.split_once('\n').unwrap();
            for (rules, surfaces) in [(light, [DARKEST_LIGHT_SURFACE, "#ffffff"]), (dark, [LIGHTEST_DARK_SURFACE, "#0b0d0f"])] {
                let value = |name: &str| {
                    let at = rules.find(&format!("--{name}:")).unwrap() + name.len() + 3;
                    Colour::parse(&rules[at..at + 7]).unwrap()
                };
                assert!(value("accent").contrast(value("accent-contrast")) >= READABLE, "{hex}: {rules}");
                assert!(value("accent-hover").contrast(value("accent-contrast")) >= READABLE, "{hex}: {rules}");
                assert!(value("accent-text").contrast(value("accent-soft")) >= READABLE, "{hex}: {rules}");
                for surface in surfaces {
                    assert!(value("accent-text").contrast(Colour::parse(surface).unwrap()) >= READABLE, "{hex}: {rules}");
                }
            }
        }
    }

    #[test]
    fn a_readable_colour_stays_as_it_was_chosen() {
        assert!(css("#1A5FB4").unwrap().starts_with(":root{--accent:#1a5fb4;--accent-contrast:#ffffff;"));
    }

    #[test]
    fn nothing_but_a_colour_gets_into_the_rules() {
        for hex in ["", "1a5fb4", "#fff", "#1a5fb4;}", "#1a5fbg", "red", "#１２３４５６"] {
            assert_eq!(css(hex), None, "{hex}");
        }
    }
}
