//! gzip, for callers who take it.

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::request::Parts;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use std::convert::Infallible;
use std::io::Read;

/// Whether the caller takes gzip: `Accept-Encoding` (RFC 9110). Who says nothing gets what anybody can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakesGzip(pub bool);

impl<S: Sync> FromRequestParts<S> for TakesGzip {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let values = parts.headers.get_all(ACCEPT_ENCODING).iter();
        let named: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        Ok(Self(takes_gzip(&named.join(","))))
    }
}

/// What is named itself comes before `*`.
fn takes_gzip(accepted: &str) -> bool {
    let accepts = |coding: &str| {
        let mut codings = accepted
            .split(',')
            .map(|one| one.split_once(';').unwrap_or((one, "")));
        let (_, weight) = codings.find(|(name, _)| name.trim().eq_ignore_ascii_case(coding))?;
        let weight = weight.trim().to_ascii_lowercase();
        let zero = weight
            .strip_prefix("q=")
            .is_some_and(|q| q.trim().parse() == Ok(0.0));
        Some(!zero)
    };
    accepts("gzip").or_else(|| accepts("*")).unwrap_or(false)
}

pub(super) fn compressed(plain: &[u8]) -> Vec<u8> {
    read(GzEncoder::new(plain, Compression::best()))
}

pub(super) fn plain(compressed: &[u8]) -> Vec<u8> {
    read(GzDecoder::new(compressed))
}

/// From memory to memory, of what this binary has in it.
fn read(mut from: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = from.read_to_end(&mut bytes) {
        tracing::error!(%error, "cannot compress");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for takes in [
            "gzip",
            "br, GZIP;q=0.5",
            "*",
            "gzip, *;q=0",
            "deflate,*;q=0.1",
        ] {
            assert!(takes_gzip(takes), "{takes}");
        }
        for not in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, *", "*;q=0"] {
            assert!(!takes_gzip(not), "{not}");
        }
    }

    #[test]
    fn what_was_compressed_can_be_read() {
        let text = b"the same again".repeat(100);
        let smaller = compressed(&text);
        assert!(smaller.len() < text.len());
        assert_eq!(plain(&smaller), text);
    }
}
