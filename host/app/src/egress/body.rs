//! The body of an answer: taken piece by piece, decompressed as it comes, and never more of it than was allowed.

use flate2::write::MultiGzDecoder;
use std::io::Write;
use tsudoi_kernel::ports::EgressError;

/// Takes bytes until there are too many.
struct Capped {
    bytes: Vec<u8>,
    most: usize,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + piece.len() > self.most {
            self.full = true;
            return Err(std::io::Error::other("too many bytes"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

enum Decoder {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

pub struct Body {
    decoder: Decoder,
    /// As it came, compressed.
    received: usize,
    most: usize,
}

impl Body {
    /// `encoding`: the header `Content-Encoding`.
    pub fn new(encoding: Option<&str>, most: usize) -> Result<Self, EgressError> {
        let capped = Capped { bytes: Vec::new(), most, full: false };
        let decoder = match encoding.unwrap_or("identity").trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Decoder::Plain(capped),
            "gzip" | "x-gzip" => Decoder::Gzip(Box::new(MultiGzDecoder::new(capped))),
            _ => return Err(EgressError::Malformed("the answer is compressed in a way that was not asked for".to_owned())),
        };
        Ok(Self { decoder, received: 0, most })
    }

    fn too_large(&self) -> EgressError {
        EgressError::TooLarge(format!("{} bytes", self.most))
    }

    pub fn take(&mut self, piece: &[u8]) -> Result<(), EgressError> {
        self.received += piece.len();
        if self.received > self.most {
            return Err(self.too_large());
        }
        let (written, full) = match &mut self.decoder {
            Decoder::Plain(capped) => (capped.write_all(piece), capped.full),
            Decoder::Gzip(decoder) => (decoder.write_all(piece), decoder.get_ref().full),
        };
        self.outcome(written, full)
    }

    pub fn finish(mut self) -> Result<Vec<u8>, EgressError> {
        let (finished, full) = match &mut self.decoder {
            Decoder::Plain(_) => (Ok(()), false),
            // An empty body, as of a HEAD, has no ending either.
            Decoder::Gzip(_) if self.received == 0 => (Ok(()), false),
            Decoder::Gzip(decoder) => (decoder.try_finish(), decoder.get_ref().full),
        };
        self.outcome(finished, full)?;
        Ok(match self.decoder {
            Decoder::Plain(capped) => capped.bytes,
            Decoder::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        })
    }

    fn outcome(&self, result: std::io::Result<()>, full: bool) -> Result<(), EgressError> {
        match result {
            Ok(()) => Ok(()),
            Err(_) if full => Err(self.too_large()),
            Err(_) => Err(EgressError::Malformed("the answer can't be decompressed".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn zipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn taken(encoding: Option<&str>, most: usize, bytes: &[u8]) -> Result<Vec<u8>, EgressError> {
        let mut body = Body::new(encoding, most)?;
        for piece in bytes.chunks(7) {
            body.take(piece)?;
        }
        body.finish()
    }

    #[test]
    fn what_was_compressed_is_read_and_what_explodes_is_stopped() {
        assert_eq!(taken(Some("gzip"), 100, &zipped("会員".as_bytes())), Ok("会員".as_bytes().to_vec()));
        assert_eq!(taken(Some("gzip"), 100, b""), Ok(vec![]));
        let bomb = zipped(&vec![0; 10 << 20]);
        assert!(bomb.len() < 20_000);
        assert_eq!(taken(Some("gzip"), 1 << 20, &bomb), Err(EgressError::TooLarge("1048576 bytes".into())));
        assert!(matches!(taken(Some("gzip"), 100, b"not zipped"), Err(EgressError::Malformed(_))));
        assert!(matches!(taken(Some("br"), 100, b""), Err(EgressError::Malformed(_))));
    }

    #[test]
    fn a_plain_body_has_its_limit_too() {
        assert_eq!(taken(None, 3, b"abc"), Ok(b"abc".to_vec()));
        assert_eq!(taken(Some("identity"), 2, b"abc"), Err(EgressError::TooLarge("2 bytes".into())));
    }
}
