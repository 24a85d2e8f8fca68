//! Random operations by several clients at once, against a model of what they were told.

use crate::app::{Answer, App, User};
use crate::workload::until_done;
use futures::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Debug, Clone)]
enum Action {
    Create,
    /// Adds a tag of this client's own to a project, which nobody else takes away.
    Tag(usize),
    Read(usize),
    Delete(usize),
    Move(usize),
    List,
}

/// What one client was told, in the order it was told.
#[derive(Default)]
struct History {
    created: BTreeSet<String>,
    deleted: BTreeSet<String>,
    /// Whose outcome the client was never told.
    maybe_deleted: BTreeSet<String>,
    /// Tags that were acknowledged, by project.
    tags: BTreeMap<String, BTreeSet<String>>,
    /// The newest `updatedAt` that was read, by project.
    newest: BTreeMap<String, String>,
}

static NAMES: AtomicU64 = AtomicU64::new(0);

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => Just(Action::Create),
        3 => (0..8_usize).prop_map(Action::Tag),
        3 => (0..8_usize).prop_map(Action::Read),
        1 => (0..8_usize).prop_map(Action::Delete),
        2 => (0..8_usize).prop_map(Action::Move),
        1 => Just(Action::List),
    ]
}

/// Projects that all clients know of.
type Shared = std::sync::Mutex<Vec<String>>;

struct Client<'a> {
    user: User<'a>,
    workspaces: &'a [String; 2],
    known: &'a Shared,
    history: History,
}

impl Client<'_> {
    async fn run(mut self, actions: Vec<Action>) -> History {
        for action in actions {
            let picked = |index: usize| {
                let known = self.known.lock().unwrap();
                (!known.is_empty()).then(|| known[index % known.len()].clone())
            };
            match action {
                Action::Create => self.create().await,
                Action::List => self.list().await,
                Action::Tag(index) => self.on(picked(index), Self::tag).await,
                Action::Read(index) => self.on(picked(index), Self::read).await,
                Action::Delete(index) => self.on(picked(index), Self::delete).await,
                Action::Move(index) => self.on(picked(index), Self::start_move).await,
            }
        }
        self.history
    }

    async fn on(&mut self, project: Option<String>, act: impl AsyncFn(&mut Self, &str)) {
        if let Some(project) = project {
            act(self, &project).await;
        }
    }

    async fn create(&mut self) {
        let key = format!("model-{}", NAMES.fetch_add(1, Relaxed));
        let path = format!("{}/projects", self.workspaces[0]);
        let (made, _) = until_done(|| {
            let request = self.user.request(Method::POST, &path);
            request
                .header("idempotency-key", &key)
                .json(&json!({"name": "Plan"}))
        })
        .await;
        let id = made.expect(StatusCode::CREATED).text("id").to_owned();
        self.known.lock().unwrap().push(id.clone());
        self.history.created.insert(id);
    }

    /// The answer about a project, in whichever workspace it is.
    async fn find(&self, id: &str) -> Option<(String, Answer)> {
        for _ in 0..3 {
            for workspace in self.workspaces {
                let path = format!("{workspace}/projects/{id}");
                let (found, _) = until_done(|| self.user.request(Method::GET, &path)).await;
                if found.status == StatusCode::OK {
                    return Some((path, found));
                }
            }
        }
        None
    }

    async fn read(&mut self, id: &str) {
        let Some((_, found)) = self.find(id).await else {
            return;
        };
        assert!(!self.history.deleted.contains(id), "{id} came back");
        let updated = found.json["updatedAt"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let newest = self.history.newest.entry(id.to_owned()).or_default();
        assert!(*newest <= updated, "{id} went back in time");
        *newest = updated;
        let tags = tags_of(&found.json);
        let mine = self.history.tags.get(id).cloned().unwrap_or_default();
        assert!(mine.is_subset(&tags), "{id} lost {mine:?}: {tags:?}");
    }

    async fn tag(&mut self, id: &str) {
        let Some((path, found)) = self.find(id).await else {
            return;
        };
        let tag = format!("tag-{}", NAMES.fetch_add(1, Relaxed));
        let mut tags = tags_of(&found.json);
        tags.insert(tag.clone());
        if tags.len() > 20 {
            return;
        }
        let patch = self.user.request(Method::PATCH, &path);
        let patch = patch
            .header("if-match", found.etag())
            .json(&json!({"tags": tags}));
        let answer = Answer::of(patch).await;
        if answer.status == StatusCode::OK {
            self.history
                .tags
                .entry(id.to_owned())
                .or_default()
                .insert(tag);
        }
    }

    async fn delete(&mut self, id: &str) {
        let Some((path, _)) = self.find(id).await else {
            return;
        };
        let answer = Answer::of(self.user.request(Method::DELETE, &path)).await;
        match answer.status.as_u16() {
            204 => self.history.deleted.insert(id.to_owned()),
            404 | 409 => false,
            _ => self.history.maybe_deleted.insert(id.to_owned()),
        };
    }

    async fn start_move(&mut self, id: &str) {
        let Some((path, _)) = self.find(id).await else {
            return;
        };
        let target = self
            .workspaces
            .iter()
            .find(|w| !path.starts_with(w.as_str()));
        let target = target.unwrap().rsplit('/').next().unwrap();
        let body = json!({"targetWorkspaceId": target});
        let answer = self.user.post(&format!("{path}/move"), body).await;
        assert!(
            [200, 404, 409, 412, 429, 503, 504].contains(&answer.status.as_u16()),
            "{answer:?}"
        );
    }

    async fn list(&mut self) {
        for workspace in self.workspaces {
            let path = format!("{workspace}/projects?limit=100");
            let (listed, _) = until_done(|| self.user.request(Method::GET, &path)).await;
            let listed = listed.expect(StatusCode::OK);
            let ids = listed.json["value"].as_array().unwrap().iter();
            let ids: Vec<_> = ids.map(|project| project["id"].as_str().unwrap()).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        }
    }
}

fn tags_of(project: &Value) -> BTreeSet<String> {
    let tags = project["tags"].as_array().unwrap().iter();
    tags.map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

async fn check(app: &App, workspaces: &[String; 2], histories: &[History]) {
    let ada = app.user("ada");
    let mut left = BTreeMap::new();
    for workspace in workspaces {
        for project in ada
            .pages(&format!("{workspace}/projects?limit=100"))
            .await
            .concat()
        {
            let id = project["id"].as_str().unwrap().to_owned();
            let slug = project["slug"].as_str().unwrap();
            let by_slug = ada
                .get(&format!("{workspace}/projects/by-slug/{slug}"))
                .await;
            assert_eq!(by_slug.json, project);
            assert!(
                left.insert(id, tags_of(&project)).is_none(),
                "it is in both workspaces"
            );
        }
    }
    let all = |of: fn(&History) -> &BTreeSet<String>| -> BTreeSet<String> {
        histories
            .iter()
            .flat_map(|history| of(history).iter().cloned())
            .collect()
    };
    let (created, deleted) = (all(|h| &h.created), all(|h| &h.deleted));
    let maybe = all(|h| &h.maybe_deleted);
    for id in &created {
        let gone = !left.contains_key(id);
        assert!(
            gone || !deleted.contains(id),
            "{id} was deleted and is there"
        );
        assert!(
            !gone || deleted.contains(id) || maybe.contains(id),
            "{id} is lost"
        );
    }
    assert!(
        left.keys().all(|id| created.contains(id)),
        "one was made twice"
    );
    for (id, tags) in histories.iter().flat_map(|history| &history.tags) {
        if let Some(now) = left.get(id) {
            assert!(tags.is_subset(now), "{id} lost {tags:?}");
        }
    }
}

#[test]
fn several_clients_see_what_the_model_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(App::start());
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let actions = prop::collection::vec(prop::collection::vec(action(), 1..20), 3);
    let outcome = runner.run(&actions, |actions| {
        runtime.block_on(async {
            let ada = app.user("ada");
            let workspaces = [ada.workspace().await, ada.workspace().await];
            let known = Shared::default();
            let clients = actions.into_iter().map(|actions| {
                let client = Client {
                    user: app.user("ada"),
                    workspaces: &workspaces,
                    known: &known,
                    history: History::default(),
                };
                client.run(actions)
            });
            let histories = join_all(clients).await;
            check(&app, &workspaces, &histories).await;
        });
        Ok(())
    });
    outcome.unwrap();
}
