//! Bodies that a request was answered without.
//!
//! An answer in the middle of a body breaks the connection, and the host would send the whole request
//! again, ten times. So what is left of a body is received before the answer goes out, up to a limit.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A body that goes on after this many bytes is cut.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;
/// So is one that has not arrived this long after its request.
pub(super) const ARRIVAL: Duration = Duration::from_secs(10);

/// The rest of a request's body, which the request itself is reading from.
#[derive(Debug, Clone)]
pub(super) struct Rest(Arc<Mutex<Body>>);

impl Rest {
    /// The request, and the rest of its body to come back to; `None` when it has no body.
    pub(super) fn of(request: Request) -> (Request, Option<Self>) {
        if request.body().is_end_stream() {
            return (request, None);
        }
        let (parts, body) = request.into_parts();
        let rest = Self(Arc::new(Mutex::new(body)));
        let request = Request::from_parts(parts, Body::new(rest.clone()));
        (request, Some(rest))
    }

    /// Receives what is left of a body whose request began at `started`.
    pub(super) async fn discard(mut self, started: Instant) {
        let until = started + ARRIVAL;
        let _cut_off = tokio::time::timeout_at(until.into(), async {
            let mut discarded = 0;
            while let Some(Ok(frame)) = self.frame().await {
                discarded += frame.data_ref().map_or(0, Bytes::len);
                if discarded > MAX_DISCARDED {
                    return;
                }
            }
        })
        .await;
    }
}

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.size_hint()
    }
}
