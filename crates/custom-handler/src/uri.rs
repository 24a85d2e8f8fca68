//! Paths that are written otherwise and mean the same.

use axum::http::uri::PathAndQuery;
use axum::http::{Request, Uri};

/// The request with its path in the form that routes have: unreserved characters are not escaped (RFC 3986,
/// section 6.2.2), and there is no slash at the end, which the routing of the Functions host does not look at.
pub(super) fn normalized<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    let ends = path.len() > 1 && path.ends_with('/');
    if !ends && !path.contains('%') {
        return request;
    }
    let kept = path.strip_suffix('/').filter(|_| ends).unwrap_or(path);
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut new = unescaped(kept, '%', is_unreserved);
    if let Some(query) = request.uri().query() {
        new = format!("{new}?{query}");
    }
    let mut parts = request.uri().clone().into_parts();
    if let Ok(path_and_query) = PathAndQuery::try_from(new) {
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// The text in which `escape` and two hexadecimal digits stand for a byte, with those that are `plain` as characters.
pub fn unescaped(text: &str, escape: char, plain: impl Fn(u8) -> bool) -> String {
    let mut parts = text.split(escape);
    let mut unescaped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A sign is no digit.
        let digits = part.get(..2).filter(|two| !two.starts_with('+'));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = byte.filter(|byte| plain(*byte)) {
            unescaped.push(char::from(byte));
            unescaped.push_str(&part[2..]);
        } else {
            unescaped.push(escape);
            unescaped.push_str(part);
        }
    }
    unescaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_mean_the_same_become_the_same() {
        for (written, meant) in [
            ("/api/%68ealth/live", "/api/health/live"),
            ("/api/notes/", "/api/notes"),
            ("/api/notes/?limit=%31", "/api/notes?limit=%31"),
            ("/api/a%2fb%2Fc%20d%zz%", "/api/a%2fb%2Fc%20d%zz%"),
            ("/", "/"),
        ] {
            let request = Request::get(written).body(()).unwrap();
            assert_eq!(normalized(request).uri(), meant);
        }
    }
}
