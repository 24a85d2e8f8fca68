//! Receiving request bodies, before anything else is done about a request.
//!
//! A request takes its place among those that run when it is there as a whole: slow callers keep nobody
//! waiting. One that is refused is received first, too: an answer in the middle of a body breaks the
//! connection, and the host would send the whole request again, ten times.

use super::problem::Problem;
use super::problem_type::{BODY_TOO_LARGE, MALFORMED_REQUEST, OVERLOADED};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use futures::StreamExt;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The largest body that is read: the largest item Cosmos DB stores.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// A body that goes on after this many bytes is cut.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;
/// So is one that has not arrived this long after its request.
const ARRIVAL: Duration = Duration::from_secs(10);
/// A body is large from this size on. Read into values it takes up to 30 times the memory, so only a
/// few of those are in work at the same time.
const LARGE: usize = 64 * 1024;
static LARGE_BODIES: Semaphore = Semaphore::const_new(4);
/// How long a large body waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// A place among the large bodies, to be kept while the request runs.
pub(super) type Turn = Option<SemaphorePermit<'static>>;

/// The request with its whole body in memory.
pub(super) async fn received(
    request: Request,
    deadline: Instant,
) -> Result<(Request, Turn), Problem> {
    if request.body().is_end_stream() {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let until = deadline.min(Instant::now() + ARRIVAL);
    let arrived = tokio::time::timeout_at(until.into(), receive(body)).await;
    let bytes = arrived.unwrap_or_else(|_elapsed| {
        let detail = format!("the body did not arrive within {} s", ARRIVAL.as_secs());
        Err(Problem::new(&MALFORMED_REQUEST, detail))
    })?;
    let turn = if bytes.len() > LARGE {
        let turn = tokio::time::timeout(TURN, LARGE_BODIES.acquire()).await;
        let full = || Problem::new(&OVERLOADED, "too many large bodies").retry_after(TURN);
        Some(turn.ok().and_then(Result::ok).ok_or_else(full)?)
    } else {
        None
    };
    Ok((Request::from_parts(parts, Body::from(bytes)), turn))
}

async fn receive(body: Body) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut size = 0;
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| {
            Problem::new(&MALFORMED_REQUEST, "the body ended before it was complete")
        })?;
        size += frame.len();
        if size <= MAX_BYTES {
            bytes.extend_from_slice(&frame);
        } else if size > MAX_DISCARDED {
            break;
        } else {
            // What was kept so far is of no use.
            bytes = Vec::new();
        }
    }
    if size > MAX_BYTES {
        let detail = format!("a body has at most {MAX_BYTES} bytes");
        return Err(Problem::new(&BODY_TOO_LARGE, detail));
    }
    Ok(bytes)
}
