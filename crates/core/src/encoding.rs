//! Compressed bodies, decoded under the limit that holds for plain ones.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, HeaderValue, header::CONTENT_ENCODING};

use crate::{Body, ReadError, head};

/// What a layer that reads answers puts into `accept-encoding` upstream.
pub const ACCEPTED: HeaderValue = HeaderValue::from_static("identity");

/// Whether the headers say that the body is compressed.
#[must_use]
pub fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Decodes a whole body as its headers say. `gzip` and `deflate` are understood, one at a time.
///
/// The headers are left as they are; replace the body and repair them by [`head::body_replaced`].
///
/// # Errors
/// The encoding is another one, the bytes are broken, or decoded they are longer than `limit`.
pub fn decode(headers: &HeaderMap, bytes: Bytes, limit: usize) -> Result<Bytes, ReadError> {
    if !is_encoded(headers) {
        return Ok(bytes);
    }
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    let encoding = match (encodings.next(), encodings.next()) {
        (Some(encoding), None) => encoding.as_bytes().to_ascii_lowercase(),
        _ => return Err(ReadError::Encoding("several content-encoding headers".into())),
    };
    match encoding.trim_ascii() {
        b"gzip" | b"x-gzip" => read_all(MultiGzDecoder::new(&bytes[..]), limit),
        b"deflate" => read_all(ZlibDecoder::new(&bytes[..]), limit),
        _ => Err(ReadError::Encoding("content-encoding is none of identity, gzip, deflate".into())),
    }
}

/// Makes a request's body plain where it is compressed, and its headers right for it.
///
/// # Errors
/// As [`decode`]; and the body breaks off, or is longer than `limit` before it is decoded.
pub async fn decode_request(headers: &mut HeaderMap, body: &mut Body, limit: usize) -> Result<(), ReadError> {
    if is_encoded(headers) {
        let bytes = body.bytes(limit).await?;
        *body = Body::from(decode(headers, bytes, limit)?);
        head::body_replaced(headers, body);
    }
    Ok(())
}

fn read_all(decoder: impl Read, limit: usize) -> Result<Bytes, ReadError> {
    let mut decoded = Vec::new();
    // One byte more than allowed tells a body at the limit from one beyond it.
    let read = decoder.take((limit as u64).saturating_add(1)).read_to_end(&mut decoded);
    read.map_err(|error| ReadError::Encoding(error.to_string().into()))?;
    if decoded.len() > limit {
        return Err(ReadError::TooLarge { limit });
    }
    Ok(Bytes::from(decoded))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("in memory");
        encoder.finish().expect("in memory").into()
    }

    fn headers(encoding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(encoding))])
    }

    #[test]
    fn the_limit_holds_for_the_decoded_bytes() {
        let bomb = gzip(&vec![b' '; 1 << 20]);
        assert!(bomb.len() < 4096);
        assert!(matches!(decode(&headers("gzip"), bomb.clone(), 1 << 19), Err(ReadError::TooLarge { .. })));
        assert_eq!(decode(&headers("GZIP"), bomb, 1 << 20).expect("within").len(), 1 << 20);
    }

    #[tokio::test]
    async fn a_request_is_made_plain_with_its_head() {
        let mut headers = headers("gzip");
        headers.insert("content-length", HeaderValue::from_static("999"));
        let mut body = Body::from(gzip(b"{}"));
        decode_request(&mut headers, &mut body, 99).await.expect("within");
        assert_eq!((headers.len(), &headers["content-length"]), (1, &HeaderValue::from_static("2")));
        decode_request(&mut headers, &mut body, 1).await.expect("plain is left alone, however long");
        assert_eq!(body.bytes(2).await.expect("within"), "{}");

        let (mut headers, mut body) = (self::headers("br"), Body::from("{}"));
        assert!(decode_request(&mut headers, &mut body, 9).await.is_err());
        assert!(is_encoded(&headers), "what cannot be read is as it was");
    }

    #[test]
    fn the_unknown_and_the_broken_are_refused() {
        assert!(matches!(decode(&headers("br"), Bytes::new(), 1), Err(ReadError::Encoding(_))));
        let cut = gzip(b"some text").slice(..12);
        assert!(matches!(decode(&headers("gzip"), cut, 100), Err(ReadError::Encoding(_))));
        assert_eq!(decode(&headers("identity"), "x".into(), 1).expect("plain"), "x");
    }
}
