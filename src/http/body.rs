//! Receiving request bodies, before anything else is done about a request.
//!
//! A request takes its place among those that run when it is there as a whole: slow callers keep nobody
//! waiting. One that is refused is received first, too: an answer in the middle of a body breaks the
//! connection, and the host would send the whole request again, ten times.

use super::problem::Problem;
use super::problem_type::{BODY_TOO_LARGE, MALFORMED_REQUEST, OVERLOADED};
use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::Request;
use futures::StreamExt;
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
    let mut arriving = Arriving::new(body);
    let until = deadline.min(Instant::now() + ARRIVAL);
    let mut arrived = timeout_at(until.into(), arriving.receive()).await;
    if arrived.is_err() && arriving.is_too_large() {
        arrived = timeout_at(deadline.into(), arriving.receive()).await;
    }
    let bytes = arriving.finish(arrived.ok())?;
    let turn = if bytes.len() > LARGE {
        let turn = tokio::time::timeout(TURN, LARGE_BODIES.acquire()).await;
        let full = || Problem::new(&OVERLOADED, "too many large bodies").retry_after(TURN);
        Some(turn.ok().and_then(Result::ok).ok_or_else(full)?)
    } else {
        None
    };
    Ok((Request::from_parts(parts, Body::from(bytes)), turn))
}

struct Arriving {
    frames: BodyDataStream,
    bytes: Vec<u8>,
    size: usize,
}

impl Arriving {
    fn new(body: Body) -> Self {
        Self {
            frames: body.into_data_stream(),
            bytes: Vec::new(),
            size: 0,
        }
    }

    fn is_too_large(&self) -> bool {
        self.size > MAX_BYTES
    }

    /// Receives what has not arrived yet. What is too large is read, but not kept.
    async fn receive(&mut self) -> Result<(), axum::Error> {
        while let Some(frame) = self.frames.next().await {
            let frame = frame?;
            self.size += frame.len();
            if !self.is_too_large() {
                self.bytes.extend_from_slice(&frame);
            } else if self.size > MAX_DISCARDED {
                break;
            } else {
                // What was kept so far is of no use.
                self.bytes = Vec::new();
            }
        }
        Ok(())
    }

    /// `arrived` is `None` when time ran out.
    fn finish(self, arrived: Option<Result<(), axum::Error>>) -> Result<Vec<u8>, Problem> {
        let detail = match arrived {
            _ if self.is_too_large() => {
                let detail = format!("a body has at most {MAX_BYTES} bytes");
                return Err(Problem::new(&BODY_TOO_LARGE, detail));
            }
            Some(Ok(())) => return Ok(self.bytes),
            Some(Err(_)) => "the body ended before it was complete".to_owned(),
            None => format!("the body did not arrive within {} s", ARRIVAL.as_secs()),
        };
        Err(Problem::new(&MALFORMED_REQUEST, detail))
    }
}
