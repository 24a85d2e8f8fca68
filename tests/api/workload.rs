//! Clients who do what callers should do: take a key for each creation and come back when told to.

use crate::app::{Answer, App, User};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a client was told is true: names by id.
pub(crate) type Acknowledged = BTreeMap<String, String>;

static KEYS: AtomicU64 = AtomicU64::new(0);

/// Sends a request until it is carried out or refused for good. Every answer on the way must be one that
/// says so properly.
pub(crate) async fn until_done(request: impl Fn() -> RequestBuilder) -> (Answer, usize) {
    for tries in 1..2_000 {
        let answer = Answer::of(request()).await;
        let again = match answer.status.as_u16() {
            429 | 503 | 504 => true,
            409 => ["contended", "moving"].contains(&answer.text("code")),
            500..600 => panic!("{answer:#?}"),
            _ => false,
        };
        if !again {
            return (answer, tries);
        }
        let code = answer.text("code").to_owned();
        let status = answer.status;
        let answer = answer.expect_problem(status, &code);
        let waits = status == StatusCode::GATEWAY_TIMEOUT;
        assert!(
            waits || answer.headers.contains_key("retry-after"),
            "{answer:#?}"
        );
    }
    panic!("never done");
}

/// Creates, renames and deletes what the list has, and returns what is left of it.
pub(crate) async fn client(user: &User<'_>, list: &str, rounds: usize) -> Acknowledged {
    let mut mine = Acknowledged::new();
    for round in 0..rounds {
        let key = format!("key-{}", KEYS.fetch_add(1, Relaxed));
        let (made, _) = until_done(|| {
            let request = user.request(Method::POST, list);
            request
                .header("idempotency-key", &key)
                .json(&json!({"name": "Plan"}))
        })
        .await;
        let made = made.expect(StatusCode::CREATED);
        let id = made.text("id").to_owned();
        let path = made.location();

        let name = format!("Plan {key}");
        let (renamed, _) = until_done(|| {
            user.request(Method::PATCH, &path)
                .json(&json!({"name": name}))
        })
        .await;
        assert_eq!(renamed.expect(StatusCode::OK).text("name"), name);
        let (read, _) = until_done(|| user.request(Method::GET, &path)).await;
        assert_eq!(read.expect(StatusCode::OK).text("name"), name);
        mine.insert(id.clone(), name);

        if round % 3 == 2 {
            let (deleted, tries) = until_done(|| user.request(Method::DELETE, &path)).await;
            // Sent again after an answer that left it open, it may find nothing to delete.
            let gone = tries > 1 && deleted.status == StatusCode::NOT_FOUND;
            assert!(
                gone || deleted.status == StatusCode::NO_CONTENT,
                "{deleted:#?}"
            );
            mine.remove(&id);
        }
    }
    mine
}

/// The list has what was acknowledged, each once, and nothing else.
pub(crate) async fn check(user: &User<'_>, list: &str, expected: &Acknowledged) {
    let mut pages = Vec::new();
    let mut next = Some(format!("{list}?limit=100"));
    while let Some(link) = next {
        let (page, _) = until_done(|| user.request(Method::GET, &link)).await;
        pages.extend(page.json["value"].as_array().unwrap().iter().cloned());
        next = page.json["nextLink"].as_str().map(ToOwned::to_owned);
    }
    let found: Vec<_> = pages
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    assert_eq!(found.len(), expected.len(), "none lost, none doubled");
    for (id, name) in found {
        assert_eq!(expected.get(id).map(String::as_str), Some(name));
    }
    check_slugs(user, list, &pages).await;
}

/// Each project is found by its slug.
async fn check_slugs(user: &User<'_>, list: &str, projects: &[Value]) {
    for project in projects {
        let slug = project["slug"].as_str().unwrap();
        let path = format!("{list}/by-slug/{slug}");
        let (by_slug, _) = until_done(|| user.request(Method::GET, &path)).await;
        assert_eq!(by_slug.json["id"], project["id"]);
    }
}

/// Several clients with one list, while something happens to storage.
pub(crate) async fn under_load(app: &App, rounds: usize, trouble: impl Future<Output = ()>) {
    let ada = app.user("ada");
    let list = "/api/workspaces".to_owned();
    let list = projects_below(&ada, &list).await;
    let clients = (0..4).map(|_| client(&ada, &list, rounds));
    let (acknowledged, ()) = tokio::join!(futures::future::join_all(clients), trouble);
    let all = acknowledged.into_iter().flatten().collect();
    app.emulator.clear_faults();
    check(&ada, &list, &all).await;
}

/// The list of projects in a new workspace.
async fn projects_below(user: &User<'_>, workspaces: &str) -> String {
    // Where the deadline is short, even this may take another try.
    let create = || {
        let request = user.request(Method::POST, workspaces);
        let request = request.header("idempotency-key", "workspace");
        request.json(&json!({"name": "W"}))
    };
    let (workspace, _) = until_done(create).await;
    format!("{}/projects", workspace.location())
}
