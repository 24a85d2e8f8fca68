//! Receiving request bodies, before anything else is done about a request.
//!
//! A request takes its place among those that run when it is there as a whole: slow callers keep nobody
//! waiting. One that is refused is received first, too: an answer in the middle of a body breaks the
//! connection, and the host would send the whole request again, ten times.

use super::problem::Problem;
use super::problem_type::{BODY_TOO_LARGE, BODY_TOO_SLOW, MALFORMED_REQUEST, OVERLOADED};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use futures::StreamExt;
use std::sync::Arc;
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

/// Bytes of all bodies that have arrived and are not read yet, whoever sent them.
const MAX_IN_FLIGHT: usize = 64 * 1024 * 1024;
static IN_FLIGHT: Semaphore = Semaphore::const_new(MAX_IN_FLIGHT);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The share of a body in [`MAX_IN_FLIGHT`]. It goes with the request, and ends with its body.
#[derive(Debug, Clone)]
struct Share(#[expect(dead_code, reason = "it is held")] Arc<SemaphorePermit<'static>>);

/// A place among the large bodies, to be kept while the body is parsed; none for one that is not large.
pub(super) async fn turn(size: usize) -> Result<Option<SemaphorePermit<'static>>, Problem> {
    if size <= LARGE {
        return Ok(None);
    }
    let turn = tokio::time::timeout(TURN, LARGE_BODIES.acquire()).await;
    let full = || Problem::new(&OVERLOADED, "too many large bodies").retry_after(TURN);
    turn.ok().and_then(Result::ok).map(Some).ok_or_else(full)
}

/// The request with its whole body in memory.
pub(super) async fn received(request: Request, deadline: Instant) -> Result<Request, Problem> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let until = deadline.min(Instant::now() + ARRIVAL);
    let arrived = tokio::time::timeout_at(until.into(), receive(body)).await;
    let (bytes, share) = arrived.unwrap_or_else(|_elapsed| {
        let detail = format!("the body did not arrive within {} s", ARRIVAL.as_secs());
        Err(Problem::new(&BODY_TOO_SLOW, detail))
    })?;
    if let Some(share) = share {
        parts.extensions.insert(Share(Arc::new(share)));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

type Received = (Vec<u8>, Option<SemaphorePermit<'static>>);

/// What is too large, or too much together with other bodies, is received to its end and not kept.
async fn receive(body: Body) -> Result<Received, Problem> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let (mut bytes, mut share) = (Vec::new(), None::<SemaphorePermit<'static>>);
    let (mut size, mut is_kept) = (0, true);
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| {
            Problem::new(&MALFORMED_REQUEST, "the body ended before it was complete")
        })?;
        size += frame.len();
        if size > MAX_DISCARDED {
            break;
        }
        let more = u32::try_from(frame.len()).ok();
        let more = more.and_then(|more| IN_FLIGHT.try_acquire_many(more).ok());
        is_kept &= size <= MAX_BYTES && more.is_some();
        match more {
            Some(more) if is_kept => {
                match &mut share {
                    Some(share) => share.merge(more),
                    None => share = Some(more),
                }
                // As much as was announced, and no spare room beyond it.
                bytes.reserve_exact(announced.min(MAX_BYTES).saturating_sub(bytes.len()));
                bytes.extend_from_slice(&frame);
            }
            // What was kept so far is of no use.
            _ => (bytes, share) = (Vec::new(), None),
        }
    }
    if size > MAX_BYTES {
        let detail = format!("a body has at most {MAX_BYTES} bytes");
        return Err(Problem::new(&BODY_TOO_LARGE, detail));
    }
    if !is_kept {
        let detail = "too many bytes of request bodies at the same time";
        return Err(Problem::new(&OVERLOADED, detail).retry_after(RETRY_AFTER));
    }
    Ok((bytes, share))
}
