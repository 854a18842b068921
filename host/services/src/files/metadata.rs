//! What a picture says about how it was made: where, when, by whom, with which camera. It is taken out of all pictures that
//! are kept; which way up a picture goes stays in, and so do its colours.
//!
//! Formats: JPEG (ITU-T T.81), Exif 2.32 section 4.6 with TIFF 6.0 section 2, PNG third edition section 11.3, WebP (RFC 9649).

use super::kind::FileKind;
use img_parts::jpeg::{Jpeg, markers};
use img_parts::png::Png;
use img_parts::webp::{CHUNK_XMP, WebP};
use img_parts::{Bytes, ImageEXIF};

/// A message of the locale files, for pictures that are not put together as such a picture has to be.
type Damaged = &'static str;
const DAMAGED: Damaged = "files-damaged";

/// The same picture without that. GIF has no place for it that cameras use, and documents are left as they are.
pub fn without_metadata(kind: FileKind, bytes: Vec<u8>) -> Result<Vec<u8>, Damaged> {
    match kind {
        FileKind::Jpeg => jpeg(bytes.into()),
        FileKind::Png => png(bytes.into()),
        FileKind::Webp => webp(bytes.into()),
        FileKind::Gif | FileKind::Pdf => Ok(bytes),
    }
}

fn jpeg(bytes: Bytes) -> Result<Vec<u8>, Damaged> {
    let mut picture = Jpeg::from_bytes(bytes).map_err(|_| DAMAGED)?;
    let turned = picture.exif().and_then(|exif| orientation(&exif));
    picture.segments_mut().retain(|segment| {
        // Exif and XMP, Photoshop and IPTC, comments; of APP2 the colour profile stays.
        let is_profile = segment.contents().starts_with(b"ICC_PROFILE\0");
        match segment.marker() {
            markers::APP2 => is_profile,
            // JFIF and Adobe say how the colours are meant.
            markers::APP0 | markers::APP14 => true,
            markers::APP1..=markers::APP15 | markers::COM => false,
            _ => true,
        }
    });
    picture.set_exif(turned.map(only_orientation));
    let scans = picture.segments().last().map(|segment| segment.len_with_entropy() - segment.len()).ok_or(DAMAGED)?;
    let mut bytes = picture.encoder().bytes().to_vec();
    // Phones hang whole pictures and films behind the end, with all that those say.
    let start = bytes.len() - scans;
    let end = end_of_scans(&bytes[start..]).ok_or(DAMAGED)?;
    bytes.truncate(start + end);
    Ok(bytes)
}

/// Where the picture ends in what follows the header of its first scan: after the end marker. Between scans there are other
/// segments, whose contents may look like one.
fn end_of_scans(data: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += data.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        let marker = *data.get(at + 1)?;
        match marker {
            markers::EOI => return Some(at + 2),
            // A byte of the scan, a restart, or a filler.
            0x00 | 0x01 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => {
                let length = data.get(at + 2..at + 4)?;
                at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
    }
}

fn png(bytes: Bytes) -> Result<Vec<u8>, Damaged> {
    let mut picture = Png::from_bytes(bytes).map_err(|_| DAMAGED)?;
    let turned = picture.exif().and_then(|exif| orientation(&exif));
    // Critical chunks have a capital first; of the others those that say how the picture looks, also the moving ones.
    const LOOKS: [&[u8; 4]; 13] =
        [b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"hIST"];
    picture.chunks_mut().retain(|chunk| chunk.kind()[0].is_ascii_uppercase() || LOOKS.contains(&&chunk.kind()));
    picture.set_exif(turned.map(only_orientation));
    Ok(picture.encoder().bytes().to_vec())
}

fn webp(bytes: Bytes) -> Result<Vec<u8>, Damaged> {
    let mut picture = WebP::from_bytes(bytes).map_err(|_| DAMAGED)?;
    let turned = picture.exif().and_then(|exif| orientation(&exif));
    picture.remove_chunks_by_id(CHUNK_XMP);
    picture.set_exif(turned.map(only_orientation));
    Ok(picture.encoder().bytes().to_vec())
}

/// The tag 0x0112 of the first directory; `None` for the right way up.
fn orientation(exif: &[u8]) -> Option<u8> {
    let big = match exif.get(..4)? {
        b"MM\0\x2a" => true,
        b"II\x2a\0" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let two = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let four: [u8; 4] = exif.get(4..8)?.try_into().ok()?;
    let directory = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) } as usize;
    for entry in 0..usize::from(short(directory)?) {
        let at = directory.checked_add(2 + entry * 12)?;
        if short(at)? == 0x0112 {
            return short(at + 8).and_then(|value| u8::try_from(value).ok()).filter(|value| (2..=8).contains(value));
        }
    }
    None
}

/// A TIFF header and a directory with that tag alone.
fn only_orientation(value: u8) -> Bytes {
    let tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0];
    [&b"MM\0\x2a\0\0\0\x08\0\x01"[..], &tag, &[0; 4]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use img_parts::jpeg::JpegSegment;
    use img_parts::png::PngChunk;
    use img_parts::riff::{RiffChunk, RiffContent};

    /// A directory with the place of a camera (a GPS tag) and which way up, in the byte order of most cameras.
    fn exif(turned: u8) -> Bytes {
        let entries = [&[0x12, 0x01, 3, 0, 1, 0, 0, 0, turned, 0, 0, 0][..], &[0x25, 0x88, 4, 0, 1, 0, 0, 0, 0x1a, 0, 0, 0]].concat();
        [&b"II\x2a\0\x08\0\0\0\x02\0"[..], &entries, &[0; 4], b"35.6586N 139.7454E"].concat().into()
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|window| window == text)
    }

    fn jpeg_of(turned: u8) -> Vec<u8> {
        let segment = |marker, contents: &[u8]| JpegSegment::new_with_contents(marker, contents.to_vec().into());
        // A scan, a table between two scans that looks like the end, another scan, the end, and what phones hang behind.
        let scans =
            [&b"\x12\xff\x00\x34"[..], b"\xff\xc4\x00\x06\xff\xd9\x11\x22", b"\xff\xda\x00\x02\x56\xff\xd9", b"film of 35.6586N"].concat();
        let mut picture = Jpeg::from_bytes(Bytes::from_static(b"\xff\xd8\xff\xd9")).unwrap();
        picture.segments_mut().extend([
            segment(markers::APP0, b"JFIF\0"),
            segment(markers::APP1, b"http://ns.adobe.com/xap/1.0/\0 35.6586N"),
            segment(markers::APP2, b"ICC_PROFILE\0\x01\x01 colours"),
            segment(markers::APP2, b"MPF\0"),
            segment(markers::APP13, b"Photoshop 35.6586N"),
            segment(markers::COM, b"35.6586N"),
            JpegSegment::new_with_entropy(markers::SOS, Bytes::from_static(b"\x01"), scans.into()),
        ]);
        picture.set_exif(Some(exif(turned)));
        picture.encoder().bytes().to_vec()
    }

    #[test]
    fn a_photo_tells_nobody_where_it_was_taken_and_stays_the_right_way_up() {
        let before = jpeg_of(6);
        assert!(holds(&before, b"35.6586N"));
        let after = without_metadata(FileKind::Jpeg, before).unwrap();
        assert!(!holds(&after, b"35.6586N") && !holds(&after, b"MPF"));
        assert!(holds(&after, b"ICC_PROFILE\0") && holds(&after, b"JFIF"));
        assert!(after.ends_with(b"\x56\xff\xd9"), "both scans, and nothing behind them");
        let left = Jpeg::from_bytes(after.into()).unwrap().exif().unwrap();
        assert_eq!((orientation(&left), left.len()), (Some(6), 26));
        // The usual way up needs no word.
        let upright = without_metadata(FileKind::Jpeg, jpeg_of(1)).unwrap();
        assert_eq!(Jpeg::from_bytes(upright.into()).unwrap().exif(), None);
    }

    #[test]
    fn drawings_and_web_pictures_say_nothing_either() {
        let mut drawing = Png::from_bytes(crate::testing::picture(b"one").into()).unwrap();
        drawing.chunks_mut().insert(1, PngChunk::new(*b"tEXt", Bytes::from_static(b"Author\0Hanako")));
        drawing.chunks_mut().insert(1, PngChunk::new(*b"gAMA", Bytes::from_static(&[0, 0, 0xb1, 0x8f])));
        drawing.set_exif(Some(exif(8)));
        let after = without_metadata(FileKind::Png, drawing.encoder().bytes().to_vec()).unwrap();
        assert!(!holds(&after, b"Hanako") && !holds(&after, b"35.6586N") && holds(&after, b"gAMA") && holds(&after, b"IDAT"));
        assert_eq!(Png::from_bytes(after.into()).unwrap().exif().as_deref().and_then(orientation), Some(8));

        let chunk = |id: &[u8; 4], data: &[u8]| RiffChunk::new(*id, RiffContent::Data(data.to_vec().into()));
        let chunks = vec![
            chunk(b"VP8X", &[0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            chunk(b"VP8L", &[0x2f, 0, 0, 0, 0, 0x88]),
            chunk(b"EXIF", &exif(1)),
            chunk(b"XMP ", b"<x:xmpmeta> 35.6586N"),
        ];
        let riff = RiffChunk::new(*b"RIFF", RiffContent::List { kind: Some(*b"WEBP"), subchunks: chunks });
        let before = WebP::new(riff).unwrap().encoder().bytes().to_vec();
        let after = without_metadata(FileKind::Webp, before).unwrap();
        assert!(!holds(&after, b"35.6586N") && holds(&after, b"VP8L"));
    }

    #[test]
    fn what_is_no_picture_after_all_is_refused() {
        for (kind, bytes) in [
            (FileKind::Jpeg, &b"\xff\xd8\xff\xe0\x00\x02"[..]),
            (FileKind::Jpeg, b"\xff\xd8\xff\xda\x00\x02 no end"),
            (FileKind::Png, b"\x89PNG\r\n\x1a\n...."),
            (FileKind::Webp, b"RIFF\xff\xff\0\0WEBPVP8 "),
        ] {
            assert_eq!(without_metadata(kind, bytes.to_vec()), Err("files-damaged"), "{kind:?}");
        }
        assert_eq!(orientation(b"II\x2a\0\xff\xff\xff\xff"), None);
        assert_eq!(orientation(b"MM\0\x2a\0\0\0\x08\xff\xff"), None);
    }
}
