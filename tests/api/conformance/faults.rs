//! Storage that fails, and a process that is killed, at every single call.

use super::{ENTITIES, Entity, but_for_its_time, merged, names};
use crate::app::{Answer, App, User};
use cosmos_emulator::{DropConnection, Fault};
use reqwest::{Method, StatusCode};

/// More storage calls than any operation of an entity makes.
const MANY: u32 = 30;

/// What is done to an entity.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Doing {
    Create,
    Patch,
    Delete,
}

/// A list with one entity in it.
struct Attempt<'a> {
    entity: &'a Entity,
    doing: Doing,
    list: String,
    before: Answer,
    /// How many the list had before.
    count: usize,
    key: String,
}

impl<'a> Attempt<'a> {
    async fn prepare(app: &App, entity: &'a Entity, doing: Doing) -> Self {
        let ada = app.user("ada");
        let list = entity.list(&ada).await;
        let before = entity.create(&ada, &list).await;
        let count = names(&ada, &list).await.len();
        Self {
            entity,
            doing,
            list,
            before,
            count,
            key: fastrand::u64(..).to_string(),
        }
    }

    async fn send(&self, ada: &User<'_>) -> Answer {
        let path = self.before.location();
        let request = match self.doing {
            Doing::Create => ada
                .request(Method::POST, &self.list)
                .json(&self.entity.named("New")),
            Doing::Patch => ada.request(Method::PATCH, &path).json(&self.entity.patch()),
            Doing::Delete => ada.request(Method::DELETE, &path),
        };
        Answer::of(request.header("idempotency-key", &self.key)).await
    }

    /// Checks that it is done, once.
    async fn check_done(&self, ada: &User<'_>, answer: &Answer, what: &str) {
        let what = format!(
            "{:?} of {} {what}: {answer:?}",
            self.doing, self.entity.list
        );
        let left = names(ada, &self.list).await;
        match self.doing {
            Doing::Create => {
                assert_eq!(answer.status, StatusCode::CREATED, "{what}");
                assert_eq!(
                    left.iter().filter(|name| *name == "New").count(),
                    1,
                    "{what}"
                );
                assert_eq!(left.len(), self.count + 1, "{what}");
                assert_eq!(ada.get(&answer.location()).await.json, answer.json);
                ada.delete(&answer.location())
                    .await
                    .expect(StatusCode::NO_CONTENT);
            }
            Doing::Patch => {
                assert_eq!(answer.status, StatusCode::OK, "{what}");
                let expected = merged(&self.before.json, &self.entity.patch());
                let read = ada.get(&self.before.location()).await;
                assert_eq!(
                    but_for_its_time(&read.json),
                    but_for_its_time(&expected),
                    "{what}"
                );
            }
            Doing::Delete => {
                // Whether this very request deleted it is not known any more.
                let done = [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND];
                assert!(done.contains(&answer.status), "{what}");
                assert_eq!(left.len(), self.count - 1, "{what}");
                let gone = ada.get(&self.before.location()).await;
                assert_eq!(gone.status, StatusCode::NOT_FOUND, "{what}");
            }
        }
    }
}

/// Meets the call with this number to the container, not those that open it.
fn at(call: u32) -> Fault {
    Fault {
        container: Some("items".to_owned()),
        skip: call,
        ..Fault::default()
    }
}

fn everything() -> impl Iterator<Item = (&'static Entity, Doing)> {
    let all = [Doing::Create, Doing::Patch, Doing::Delete];
    ENTITIES
        .iter()
        .flat_map(move |entity| all.map(|doing| (entity, doing)))
}

#[tokio::test]
async fn a_process_killed_before_any_storage_call_leaves_nothing_half_done() {
    nothing_is_half_done_after(End::Killed).await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_before_any_storage_call_leaves_nothing_half_done() {
    nothing_is_half_done_after(End::HungUp).await;
}

#[derive(Debug, Clone, Copy)]
enum End {
    Killed,
    HungUp,
}

async fn nothing_is_half_done_after(end: End) {
    let mut app = App::start().await;
    for (entity, doing) in everything() {
        for call in 0..MANY {
            let attempt = Attempt::prepare(&app, entity, doing).await;
            let trap = Fault {
                hold: true,
                ..at(call)
            };
            let trap = app.emulator.inject(trap).unwrap();
            let ada = app.user("ada");
            let answered = tokio::select! {
                answer = attempt.send(&ada) => Some(answer),
                _ = app.emulator.fired(trap, 1) => None,
            };
            if matches!(end, End::HungUp) && answered.is_none() {
                app.handler.says("\"status\":499").await;
            }
            app.handler = app.another();
            app.emulator.clear_faults();
            let ada = app.user("ada");
            let ended = answered.is_some();
            let answer = match answered {
                Some(answer) => answer,
                None => attempt.send(&ada).await,
            };
            attempt
                .check_done(&ada, &answer, &format!("{end:?} at {call}"))
                .await;
            if ended {
                assert!(call > 0, "it met storage");
                break;
            }
            assert!(call + 1 < MANY, "it ends");
        }
    }
}

#[tokio::test]
async fn a_connection_lost_before_or_after_any_storage_call_loses_and_doubles_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    for (entity, doing) in everything() {
        for lost in [DropConnection::Before, DropConnection::After] {
            for call in 0..MANY {
                let attempt = Attempt::prepare(&app, entity, doing).await;
                let fault = Fault {
                    drop: Some(lost),
                    times: Some(1),
                    ..at(call)
                };
                app.emulator.inject(fault).unwrap();
                let mut answer = attempt.send(&ada).await;
                let fired = app.emulator.faults().iter().any(|fault| fault.fired > 0);
                app.emulator.clear_faults();
                if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                    answer = attempt.send(&ada).await;
                }
                attempt
                    .check_done(&ada, &answer, &format!("lost {lost:?} {call}"))
                    .await;
                if !fired {
                    assert!(call > 0, "it met storage");
                    break;
                }
                assert!(call + 1 < MANY, "it ends");
            }
        }
    }
}
