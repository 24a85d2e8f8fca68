//! A request's path is decoded and encoded again on its way.

use anyhow::ensure;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What a path may not have as it is. `%` is among it: what stayed encoded is encoded once more.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The path as the handler gets it, with the query as it was. Errors with what the host answers 400.
pub(crate) fn encoded_again(uri: &Uri) -> anyhow::Result<PathAndQuery> {
    let decoded = decoded(uri.path());
    ensure!(!decoded.contains('\0'), "a path with a zero byte");
    let path = without_dots(&decoded);
    let path = utf8_percent_encode(&path, ENCODED);
    let query = uri.query().map(|query| format!("?{query}"));
    Ok(format!("{path}{}", query.unwrap_or_default()).parse()?)
}

/// Everything but `%2F`, which would become a `/` that was none, and what is no UTF-8.
fn decoded(path: &str) -> String {
    let mut kept = path
        .replace("%2f", "%2F")
        .split("%2F")
        .map(|part| {
            let decoded = percent_decode_str(part).decode_utf8();
            decoded.map_or_else(|_not_utf8| part.to_owned(), std::borrow::Cow::into_owned)
        })
        .collect::<Vec<_>>();
    let last = kept.pop().unwrap_or_default();
    kept.into_iter()
        .rev()
        .fold(last, |rest, part| format!("{part}%2F{rest}"))
}

fn without_dots(path: &str) -> String {
    let mut segments = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
            part => segments.push(part),
        }
    }
    format!("/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(path: &str) -> String {
        encoded_again(&path.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn the_path_is_decoded_and_encoded_again() {
        for (sent, arrives) in [
            ("/api/a%2Fb", "/api/a%252Fb"),
            ("/api/a%2fb%20c%2Fd", "/api/a%252Fb%20c%252Fd"),
            ("/api/a%2Bb", "/api/a+b"),
            ("/api/%7Eada", "/api/~ada"),
            ("/api/%61da", "/api/ada"),
            ("/api/50%", "/api/50%25"),
            ("/api/a/../b", "/api/b"),
            ("/api/a/%2E%2E/b/.", "/api/b/"),
            ("/../../a", "/a"),
            ("/api/%252E%252E/a", "/api/%252E%252E/a"),
            ("/api/..%5Ca", "/api/..%5Ca"),
            ("/api/%C3%A4", "/api/%C3%A4"),
            ("/api/%FF", "/api/%25FF"),
        ] {
            assert_eq!(again(sent), arrives, "{sent}");
        }
    }

    #[test]
    fn the_query_stays_as_it_is() {
        let same = "/api/a?tag=x%2Fy&tag=%7E&q=%61..%";
        assert_eq!(again(same), same);
    }

    #[test]
    fn a_zero_byte_is_refused() {
        assert!(encoded_again(&"/api/%00".parse().unwrap()).is_err());
    }
}
