//! A request's body on its way to the handler: sent once at most.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Unsent,
    Begun,
    Sent,
    /// Nobody takes the rest.
    CutOff,
}

/// The body itself; [`OnceBody::sending`] is what one attempt sends of it.
#[derive(Debug)]
pub(crate) struct OnceBody {
    body: Arc<Mutex<Body>>,
    progress: watch::Sender<Progress>,
}

impl OnceBody {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            body: Arc::new(Mutex::new(body)),
            progress: watch::Sender::new(Progress::Unsent),
        }
    }

    /// Whether the request can be sent, or sent again: a body is not there any more once it was begun.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_empty() || *self.progress.borrow() == Progress::Unsent
    }

    pub(crate) fn sending(&self) -> Body {
        if self.is_empty() {
            return Body::empty();
        }
        Body::new(Sending {
            body: self.body.clone(),
            progress: self.progress.clone(),
        })
    }

    /// Waits until the handler took all of it; false when it took only a part.
    pub(crate) async fn is_taken(&self) -> bool {
        let ended = |progress: &Progress| matches!(progress, Progress::Sent | Progress::CutOff);
        let mut progress = self.progress.subscribe();
        if self.is_empty() {
            return true;
        }
        progress
            .wait_for(ended)
            .await
            .is_ok_and(|end| *end == Progress::Sent)
    }

    fn is_empty(&self) -> bool {
        *self.progress.borrow() == Progress::Unsent && lock(&self.body).is_end_stream()
    }
}

struct Sending {
    body: Arc<Mutex<Body>>,
    progress: watch::Sender<Progress>,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.progress.send_replace(Progress::Begun);
        let mut body = lock(&self.body);
        let frame = Pin::new(&mut *body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || body.is_end_stream() {
            self.progress.send_replace(Progress::Sent);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.body).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.body).size_hint()
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.progress.send_if_modified(|progress| {
            let begun = *progress == Progress::Begun;
            if begun {
                *progress = Progress::CutOff;
            }
            begun
        });
    }
}

fn lock(body: &Mutex<Body>) -> MutexGuard<'_, Body> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}
