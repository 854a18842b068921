//! What a file is, by its content: its name and what the browser calls it count for nothing.

/// The kinds that can be uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Png,
    Jpeg,
    Gif,
    Webp,
    Pdf,
}

impl FileKind {
    /// By the signature that each format begins with (PNG: ISO 15948 5.2; JPEG: ITU-T T.81 B.1.1.3; GIF 89a, section 17;
    /// WebP: RFC 9649 2.4; PDF: ISO 32000-1 7.5.2). The error is a message of the locale files.
    pub fn of(bytes: &[u8]) -> Result<Self, &'static str> {
        match bytes {
            [] => Err("files-empty"),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Webp),
            [b'%', b'P', b'D', b'F', b'-', ..] => Ok(Self::Pdf),
            other if is_markup(other) => Err("files-markup"),
            [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i', ..] => Err("files-heic"),
            _ => Err("files-unknown"),
        }
    }

    /// Whether the file reaches its end, by the mark that each format ends with (PNG: 11.2.5 IEND; JPEG: B.1.1.3 EOI; GIF:
    /// section 27, trailer; WebP: the size in the RIFF header; PDF: 7.5.5 %%EOF). Bytes after it do no harm.
    pub fn is_whole(self, bytes: &[u8]) -> bool {
        let ends_with = |mark: &[u8], within: usize| {
            let tail = &bytes[bytes.len().saturating_sub(within)..];
            tail.windows(mark.len()).any(|window| window == mark)
        };
        match self {
            Self::Png => ends_with(b"IEND\xae\x42\x60\x82", 4 << 10),
            // Cameras append previews and video.
            Self::Jpeg => ends_with(&[0xff, 0xd9], bytes.len()),
            Self::Gif => ends_with(&[0x3b], 4 << 10),
            Self::Webp => {
                let size = bytes.get(4..8).and_then(|size| size.try_into().ok()).map_or(u32::MAX, u32::from_le_bytes);
                usize::try_from(size).is_ok_and(|size| bytes.len() >= size.saturating_add(8))
            }
            Self::Pdf => ends_with(b"%%EOF", 4 << 10),
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }

    pub fn is_picture(self) -> bool {
        self != Self::Pdf
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Pdf => "pdf",
        }
    }
}

/// HTML, SVG or other XML: it could run scripts in the site's name.
fn is_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// The name in the file's address, from what the person's machine called it: letters, digits, `-`, `_` and `.`, with
/// the ending that fits the content.
pub fn file_name(given: &str, kind: FileKind) -> String {
    use unicode_normalization::UnicodeNormalization;
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let mut name = String::new();
    for character in stem.nfkc().flat_map(char::to_lowercase).take(60) {
        let kept = character.is_alphanumeric() || character == '_' || character == '-';
        if kept {
            name.push(character);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches('-');
    format!("{}.{}", if name.is_empty() { "file" } else { name }, kind.ending())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_what_a_file_is() {
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n...."), Ok(FileKind::Png));
        assert_eq!(FileKind::of(b"\xff\xd8\xff\xe0...."), Ok(FileKind::Jpeg));
        assert_eq!(FileKind::of(b"GIF89a...."), Ok(FileKind::Gif));
        assert_eq!(FileKind::of(b"RIFF\x10\0\0\0WEBPVP8 "), Ok(FileKind::Webp));
        assert_eq!(FileKind::of(b"%PDF-1.7"), Ok(FileKind::Pdf));
    }

    #[test]
    fn a_file_that_was_cut_off_is_not_whole() {
        let whole: [(FileKind, &[u8]); 5] = [
            (FileKind::Png, b"\x89PNG\r\n\x1a\n....\0\0\0\0IEND\xae\x42\x60\x82"),
            (FileKind::Jpeg, b"\xff\xd8\xff\xe0....\xff\xd9"),
            (FileKind::Gif, b"GIF89a....\x3b"),
            (FileKind::Webp, b"RIFF\x08\0\0\0WEBPVP8 "),
            (FileKind::Pdf, b"%PDF-1.7 ... %%EOF\n"),
        ];
        for (kind, bytes) in whole {
            assert!(kind.is_whole(bytes), "{kind:?}");
            assert!(!kind.is_whole(&bytes[..bytes.len() - 2]), "{kind:?}");
        }
    }

    #[test]
    fn what_could_run_is_refused_whatever_it_is_called() {
        for bytes in [&b"<svg onload=alert(1)>"[..], b"\xef\xbb\xbf  <!doctype html>", b"\n<?xml version=\"1.0\"?>"] {
            assert_eq!(FileKind::of(bytes), Err("files-markup"));
        }
        assert_eq!(FileKind::of(b"RIFF\x10\0\0\0AVI LIST"), Err("files-unknown"));
        assert_eq!(FileKind::of(b"\0\0\0\x18ftypheic"), Err("files-heic"));
        assert_eq!(FileKind::of(b""), Err("files-empty"));
    }

    #[test]
    fn a_name_is_safe_in_an_address() {
        assert_eq!(file_name("C:\\写真\\夏まつり 2026 (1).PNG", FileKind::Jpeg), "夏まつり-2026-1.jpg");
        assert_eq!(file_name("../../etc/passwd", FileKind::Pdf), "passwd.pdf");
        assert_eq!(file_name("\"><script>.svg", FileKind::Png), "script.png");
        assert_eq!(file_name("", FileKind::Gif), "file.gif");
    }
}
