//! `enableForwardingHttpRequest`: older hosts rebuild the request, once, and lose some of it.

use super::connection::{Connection, INVOCATION_ID, add_invocation_headers};
use axum::body::Bytes;
use axum::http::{Request, Response, Uri, header};
use url::form_urlencoded;

pub(crate) async fn forward(
    connection: &Connection,
    request: Request<Bytes>,
) -> anyhow::Result<Response<Bytes>> {
    connection.send(rebuild(request)?).await
}

/// The same path; repeated query keys joined with commas; no body without a Content-Length.
fn rebuild(request: Request<Bytes>) -> anyhow::Result<Request<Bytes>> {
    let (mut parts, mut body) = request.into_parts();
    parts.uri = with_joined_keys(&parts.uri)?;
    if !parts.headers.contains_key(header::CONTENT_LENGTH) {
        parts.headers.remove(header::TRANSFER_ENCODING);
        body.clear();
    }
    parts.headers.remove(header::CONNECTION);
    add_invocation_headers(&mut parts.headers, &[INVOCATION_ID])?;
    Ok(Request::from_parts(parts, body))
}

fn with_joined_keys(uri: &Uri) -> anyhow::Result<Uri> {
    let Some(query) = uri.query() else {
        return Ok(uri.clone());
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(joined_query(query))
        .finish();
    Ok(format!("{}?{query}", uri.path()).parse()?)
}

/// The query's keys in their order, each once, with all its values.
pub(crate) fn joined_query(query: &str) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match joined.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => joined.push((key.into_owned(), value.into_owned())),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::request::Builder;

    fn rebuilt(request: Builder) -> Request<Bytes> {
        rebuild(request.body(Bytes::from_static(b"{}")).unwrap()).unwrap()
    }

    #[test]
    fn repeated_query_keys_are_joined() {
        let request = rebuilt(Request::get("/api/a?tag=x&limit=5&tag=y%20z"));
        assert_eq!(request.uri(), "/api/a?tag=x%2Cy+z&limit=5");
    }

    #[test]
    fn a_body_without_a_length_is_lost() {
        let chunked = Request::post("/api/a").header("transfer-encoding", "chunked");
        let request = rebuilt(chunked);
        assert!(request.body().is_empty());
        assert!(!request.headers().contains_key("transfer-encoding"));
        let request = rebuilt(Request::post("/api/a").header("content-length", "2"));
        assert_eq!(request.body(), "{}");
    }

    #[test]
    fn only_the_invocation_id_is_added() {
        let request = rebuilt(Request::get("/api/a"));
        assert!(request.headers().contains_key(INVOCATION_ID));
        assert_eq!(request.headers().len(), 1);
    }
}
