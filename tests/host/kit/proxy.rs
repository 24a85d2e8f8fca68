//! `enableProxyingHttpRequest`: the request reaches the handler unchanged, and again when the connection breaks.

use super::connection::{
    Connection, HOST_VERSION, INVOCATION_ID, MS_INVOCATION_ID, add_invocation_headers,
};
use axum::body::Bytes;
use axum::http::{Request, Response, header};
use std::time::Duration;
use tokio::time::sleep;

/// How often the host repeats a request whose connection broke.
const REPEATS: u32 = 10;

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

pub(crate) async fn proxy(
    connection: &Connection,
    mut request: Request<Bytes>,
) -> anyhow::Result<Response<Bytes>> {
    // About the caller's connection. Transfer-Encoding stays: a chunked body arrives chunked.
    request.headers_mut().remove(header::CONNECTION);
    let added = [INVOCATION_ID, MS_INVOCATION_ID, HOST_VERSION];
    add_invocation_headers(request.headers_mut(), &added)?;
    for repeat in 1..=REPEATS {
        if let Ok(answer) = connection.send(request.clone()).await {
            return Ok(answer);
        }
        sleep(LONGEST_PAUSE.min(SHORTEST_PAUSE * repeat)).await;
    }
    connection.send(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::HeaderMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::net::TcpListener;

    /// A handler that answers with the request's method, path, headers and body, and counts.
    async fn echo() -> (Connection, Arc<AtomicU32>) {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = calls.clone();
        let app = Router::new().fallback(async move |request: axum::extract::Request| {
            counted.fetch_add(1, Ordering::SeqCst);
            let (mut parts, body) = request.into_parts();
            parts.headers.remove(header::CONTENT_LENGTH);
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let said = format!("{} {} {body:?}", parts.method, parts.uri);
            (parts.headers, said)
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connection = Connection::to(listener.local_addr().unwrap().port());
        tokio::spawn(async { axum::serve(listener, app).await });
        (connection, calls)
    }

    fn post() -> Request<Bytes> {
        let request = Request::post("/api/a?tag=x&tag=y").header("x-mine", "1");
        request.body(Bytes::from_static(b"{}")).unwrap()
    }

    #[tokio::test]
    async fn the_request_arrives_unchanged() {
        let (connection, _) = echo().await;
        let answer = proxy(&connection, post()).await.unwrap();
        assert_eq!(answer.body(), "POST /api/a?tag=x&tag=y b\"{}\"");
        assert_eq!(answer.headers()["x-mine"], "1");
    }

    #[tokio::test]
    async fn invocation_headers_are_added() {
        let (connection, _) = echo().await;
        let mut request = post();
        request
            .headers_mut()
            .insert(INVOCATION_ID, "forged".parse().unwrap());
        let answer = proxy(&connection, request).await.unwrap();
        let headers: &HeaderMap = answer.headers();
        assert_eq!(headers[INVOCATION_ID], headers[MS_INVOCATION_ID]);
        assert_ne!(headers[INVOCATION_ID], "forged");
        assert!(headers.contains_key(HOST_VERSION));
    }

    #[tokio::test]
    async fn a_request_whose_answer_is_lost_is_repeated() {
        let (connection, calls) = echo().await;
        connection.break_once();
        let answer = proxy(&connection, post()).await.unwrap();
        assert_eq!(answer.body(), "POST /api/a?tag=x&tag=y b\"{}\"");
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn the_host_gives_up_after_ten_repeats() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = nobody.local_addr().unwrap().port();
        drop(nobody);
        let start = std::time::Instant::now();
        proxy(&Connection::to(port), post()).await.unwrap_err();
        assert!(start.elapsed() > SHORTEST_PAUSE * REPEATS);
    }
}
