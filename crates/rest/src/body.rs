//! Receiving request bodies, before anything else is done about a request.
//!
//! A request takes its place among those that run when it is there as a whole: slow callers keep nobody
//! waiting. One that is refused is received first, too: an answer in the middle of a body breaks the connection, and
//! the host would answer 500.

use super::problem::Problem;
use super::problem_type::{BODY_TOO_LARGE, BODY_TOO_SLOW, MALFORMED_REQUEST, OVERLOADED};
use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::Request;
use futures::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;

/// The largest body that is read: the largest item Cosmos DB stores.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// A body that goes on after this many bytes is cut: the host refuses larger ones itself. One that is cut is a 500
/// of the host's, whatever the answer was.
const MAX_DISCARDED: usize = 100 * 1024 * 1024;
/// A body that has not arrived this long after its request is cut, too. One that is too large has until the
/// request's deadline.
const ARRIVAL: Duration = Duration::from_secs(10);
/// A body is large from this size on. Read into values it takes up to 30 times the memory, so only a
/// few of those are in work at the same time.
const LARGE: usize = 64 * 1024;
static LARGE_BODIES: Semaphore = Semaphore::const_new(2);
/// How long a large body waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// Bytes of all large bodies that have arrived and are not read yet, from all callers. The others are as many as
/// there are connections, at most.
pub(super) const MAX_IN_FLIGHT: usize = 40 * 1024 * 1024;
static IN_FLIGHT: Semaphore = Semaphore::const_new(MAX_IN_FLIGHT);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The share of a body in [`MAX_IN_FLIGHT`]. It goes with the request.
#[derive(Debug, Clone)]
pub(super) struct Share(#[expect(dead_code, reason = "it is held")] Arc<SemaphorePermit<'static>>);

/// The body's share, to be kept until the body is parsed.
pub(super) fn share(request: &Request) -> Option<Share> {
    request.extensions().get().cloned()
}

#[cfg(test)]
pub(super) fn left_in_flight() -> usize {
    IN_FLIGHT.available_permits()
}

pub(super) fn is_large(size: usize) -> bool {
    size > LARGE
}

/// A place among the large bodies, to be kept while the body is parsed; none for one that is not large.
pub(super) async fn turn(size: usize) -> Result<Option<SemaphorePermit<'static>>, Problem> {
    if !is_large(size) {
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
    let mut arriving = Arriving::new(body);
    let now = Instant::now();
    let until = deadline.min(now + ARRIVAL);
    let mut arrived = timeout_at(until.into(), arriving.receive()).await;
    if arrived.is_err() && arriving.size > MAX_BYTES {
        arrived = timeout_at(deadline.into(), arriving.receive()).await;
    }
    let (bytes, share) = arriving.finish(arrived.ok().map(|ended| ended.is_ok()), until - now)?;
    if let Some(share) = share {
        parts.extensions.insert(Share(Arc::new(share)));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

type Received = (Vec<u8>, Option<SemaphorePermit<'static>>);

/// A body on its way.
struct Arriving {
    frames: BodyDataStream,
    announced: usize,
    bytes: Vec<u8>,
    share: Option<SemaphorePermit<'static>>,
    size: usize,
    is_kept: bool,
}

impl Arriving {
    fn new(body: Body) -> Self {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        Self {
            announced: announced.min(MAX_BYTES),
            frames: body.into_data_stream(),
            bytes: Vec::new(),
            share: None,
            size: 0,
            is_kept: true,
        }
    }

    /// Receives what has not arrived yet. What is too large, or too much together with other bodies, is received
    /// to its end and not kept.
    async fn receive(&mut self) -> Result<(), axum::Error> {
        while let Some(frame) = self.frames.next().await {
            let frame = frame?;
            self.size += frame.len();
            if self.size > MAX_DISCARDED {
                break;
            }
            self.keep(&frame);
        }
        Ok(())
    }

    fn keep(&mut self, frame: &[u8]) {
        self.is_kept &= self.size <= MAX_BYTES && self.has_room();
        if self.is_kept {
            // As much as was announced, and no spare room beyond it.
            let room = self.announced.min(self.share().max(LARGE));
            let missing = room.saturating_sub(self.bytes.len());
            self.bytes.reserve_exact(missing);
            self.bytes.extend_from_slice(frame);
        } else {
            // What was kept so far is of no use.
            (self.bytes, self.share) = (Vec::new(), None);
        }
    }

    fn share(&self) -> usize {
        self.share.as_ref().map_or(0, SemaphorePermit::num_permits)
    }

    /// Whether what has arrived may be kept. A body that becomes large needs room for all that it announces: one
    /// that is given up later has used its memory in vain.
    fn has_room(&mut self) -> bool {
        if self.size <= LARGE.max(self.share()) {
            return true;
        }
        let missing = self.size.max(self.announced) - self.share();
        let missing = u32::try_from(missing).ok();
        let more = missing.and_then(|missing| IN_FLIGHT.try_acquire_many(missing).ok());
        match (more, &mut self.share) {
            (Some(more), Some(share)) => share.merge(more),
            (Some(more), None) => self.share = Some(more),
            (None, _) => return false,
        }
        true
    }

    /// Whether the body `is_whole`; `None` if it did not arrive `within` its time.
    fn finish(self, is_whole: Option<bool>, within: Duration) -> Result<Received, Problem> {
        if self.size > MAX_BYTES {
            let detail = format!("a body has at most {MAX_BYTES} bytes");
            return Err(Problem::new(&BODY_TOO_LARGE, detail));
        }
        match is_whole {
            Some(true) if self.is_kept => Ok((self.bytes, self.share)),
            Some(true) => {
                let detail = "too many bytes of request bodies at the same time";
                Err(Problem::new(&OVERLOADED, detail).retry_after(RETRY_AFTER))
            }
            Some(false) => {
                let detail = "the body ended before it was complete";
                Err(Problem::new(&MALFORMED_REQUEST, detail))
            }
            None => {
                let detail = format!(
                    "the body did not arrive within {:.0} s",
                    within.as_secs_f64()
                );
                Err(Problem::new(&BODY_TOO_SLOW, detail))
            }
        }
    }
}
