//! Items that other releases have written, from `tests/stored`: every release adds a file of its own.

use crate::app::{App, User};
use crate::memberships::reconcile;
use cosmos_emulator::{Fault, Resource};
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const WORKSPACE: &str = "/api/workspaces/0190163d-8694-739b-aea5-966c26f8ad91";

/// The items of each release, the latest last.
fn releases() -> Vec<(String, Vec<Value>)> {
    let folder = fs::read_dir(xtask::root().join("tests/stored")).unwrap();
    let files = folder.map(|file| file.unwrap().path());
    let files = files.filter(|path| path.is_file());
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let items = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        (name, items)
    };
    let mut releases: Vec<_> = files.map(read).collect();
    releases.sort_by(|(left, _), (right, _)| left.cmp(right));
    assert!(releases.len() >= 2);
    releases
}

async fn app_with(items: &[Value]) -> App {
    let app = App::start().await;
    for item in items {
        app.store(item).await;
    }
    app
}

/// Members and what they may do.
async fn roles(user: &User<'_>) -> BTreeMap<String, String> {
    let members = user.pages(&format!("{WORKSPACE}/members")).await.concat();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let role = |member: &Value| (text(&member["userId"]), text(&member["role"]));
    members.iter().map(role).collect()
}

/// What every release says in its own way.
async fn check(app: &App) {
    let ada = app.user("ada");
    let expected = [("ada", "owner"), ("auth0~7C7", "viewer"), ("bob", "editor")];
    let expected = expected.map(|(user, role)| (user.to_owned(), role.to_owned()));
    assert_eq!(roles(&ada).await, BTreeMap::from(expected));
    let workspace = ada.get(WORKSPACE).await.expect(StatusCode::OK);
    assert_eq!(workspace.text("name"), "Engines");
    assert_eq!(workspace.text("description"), "Of brass");
    reconcile(app).await;
    for user in ["ada", "bob", "auth0|7"] {
        let listed = app.user(user).get("/api/workspaces").await;
        assert_eq!(listed.json["value"][0]["name"], "Engines", "{user}");
    }

    let bob = app.user("bob");
    let project = bob
        .get(&format!("{WORKSPACE}/projects/by-slug/analytical-engine"))
        .await;
    let project = project.expect(StatusCode::OK);
    assert_eq!(project.json["tags"], json!(["brass"]));
    let path = format!("{WORKSPACE}/projects/{}", project.text("id"));
    let changed = bob.patch(&path, json!({"description": "New"})).await;
    changed.expect(StatusCode::OK);
    bob.delete(&path).await.expect(StatusCode::NO_CONTENT);

    assert_eq!(ada.get("/api/users/me").await.text("displayName"), "Ada");
    let found = bob.get("/api/users?email=ada@example.com").await;
    assert_eq!(found.json["value"][0]["id"], "ada");
    let replaced = ada.put("/api/users/me", json!({"displayName": "A."})).await;
    assert_eq!(replaced.text("createdAt"), "2026-01-04T09:00:00.000Z");

    let member = format!("{WORKSPACE}/members/ada");
    let leaves = ada.delete(&member).await;
    leaves.expect_problem(StatusCode::CONFLICT, "last-owner");
    ada.delete(WORKSPACE).await.expect(StatusCode::NO_CONTENT);
    ada.get(WORKSPACE).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn items_of_every_release_are_served() {
    for (release, items) in releases() {
        println!("{release}");
        check(&app_with(&items).await).await;
    }
}

/// As a later release writes them, from which somebody goes back to this one.
#[tokio::test]
async fn properties_that_are_not_known_yet_do_no_harm() {
    let (_, mut items) = releases().pop().unwrap();
    for item in &mut items {
        item["later"] = json!({"a": [1, "b"]});
    }
    check(&app_with(&items).await).await;
}

#[tokio::test]
async fn the_latest_release_has_items_as_they_are_written_now() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    ada.put("/api/users/me", json!({"displayName": "Ada"}))
        .await;
    let here = ada.workspace().await;
    let member = json!({"role": "viewer"});
    ada.put(&format!("{here}/members/bob"), member).await;
    ada.project(&here, json!({"name": "P"})).await;
    bob.get(&here).await.expect(StatusCode::OK);
    let shape = |items: &[Value]| {
        let is_system = |name: &&String| name.starts_with('_');
        let shapes = items.iter().map(|item| {
            let names = item.as_object().unwrap().keys();
            let names: Vec<_> = names.filter(|name| !is_system(name)).cloned().collect();
            (item["docType"].to_string(), names)
        });
        shapes.collect::<BTreeSet<_>>()
    };
    let here = here.rsplit('/').next().unwrap();
    let address = "email:b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72";
    let mut now = Vec::new();
    for partition in [here, "user:ada", "user:bob", address] {
        now.extend(app.items(partition).await);
    }
    now.retain(|item| item["docType"] != "idempotencyRecord");
    let (release, items) = releases().pop().unwrap();
    assert_eq!(shape(&items), shape(&now), "{release}");
}

/// More members than a batch takes, met by several requests at once.
#[tokio::test]
async fn a_large_workspace_of_an_earlier_layout_is_moved_whole() {
    let (_, mut items) = releases().swap_remove(0);
    let members =
        (0..250).map(|number| json!({"userId": format!("m-{number:03}"), "role": "viewer"}));
    let all = items[0]["members"].as_array_mut().unwrap();
    all.extend(members);
    let app = app_with(&items).await;
    let users = ["ada", "bob", "m-000", "m-249", "nobody"].map(|user| app.user(user));
    let met = join_all(users.iter().map(|user| user.get(WORKSPACE))).await;
    let met: Vec<_> = met.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(met, [200, 200, 200, 200, 404]);
    assert_eq!(roles(&app.user("ada")).await.len(), 253);
    reconcile(&app).await;
    for user in ["bob", "m-000", "m-123", "m-249"] {
        let listed = app.user(user).get("/api/workspaces").await;
        assert_eq!(listed.json["value"].as_array().unwrap().len(), 1, "{user}");
    }
}

/// The process was stopped between two batches, and nobody meets the workspace but the timer.
#[tokio::test]
async fn a_large_workspace_that_was_half_moved_is_found_by_the_timer() {
    let (_, mut items) = releases().swap_remove(0);
    let members =
        (0..250).map(|number| json!({"userId": format!("m-{number:03}"), "role": "viewer"}));
    items[0]["members"].as_array_mut().unwrap().extend(members);
    let app = app_with(&items).await;
    let second = Fault {
        resource: Some(Resource::Batch),
        skip: 1,
        status: Some(500),
        ..Fault::default()
    };
    app.emulator.inject(second).unwrap();
    let stopped = app.user("nobody").get(WORKSPACE).await;
    assert_eq!(stopped.status, StatusCode::SERVICE_UNAVAILABLE);
    app.emulator.clear_faults();
    reconcile(&app).await;
    for user in ["bob", "m-000", "m-249"] {
        let listed = app.user(user).get("/api/workspaces").await;
        assert_eq!(listed.json["value"].as_array().unwrap().len(), 1, "{user}");
    }
}

/// The release before reads the owners, adds an editor, takes an owner back, makes another one an editor, and drops what
/// it does not know.
#[tokio::test]
async fn what_the_release_before_writes_after_a_roll_back_counts() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for (user, role) in [("bob", "owner"), ("eve", "owner"), ("cyd", "viewer")] {
        let member = format!("{workspace}/members/{user}");
        ada.put(&member, json!({"role": role})).await;
    }
    let id = workspace.rsplit('/').next().unwrap();
    let items = app.items(id).await;
    let mut item = items.into_iter().find(|item| item["id"] == id).unwrap();
    let owner = |user: &str| json!({"userId": user, "role": "owner"});
    let owners = ["ada", "bob", "eve"].map(owner);
    assert_eq!(item["members"], json!(owners));
    item.as_object_mut().unwrap().remove("owners");
    let editor = |user: &str| json!({"userId": user, "role": "editor"});
    item["members"] = json!([owner("ada"), editor("dan"), editor("eve")]);
    app.store(&item).await;

    let other = app.another();
    let status = async |user: &str| other.user(user).get(&workspace).await.status.as_u16();
    assert_eq!(status("dan").await, 200);
    assert_eq!(status("cyd").await, 200);
    assert_eq!(status("bob").await, 404);
    assert_eq!(status("ada").await, 200);
    let eve = format!("{workspace}/members/eve");
    assert_eq!(other.user("ada").get(&eve).await.text("role"), "editor");
}

/// The release before wrote the profile where it had always been, after this one had moved it.
#[tokio::test]
async fn the_later_of_two_profiles_stays() {
    let app = App::start().await;
    for (user, updated_at, name) in [
        ("ada", "2021-01-01T00:00:00.000Z", "Now"),
        ("bob", "2121-01-01T00:00:00.000Z", "Rolled back"),
    ] {
        let own = app.user(user);
        own.put("/api/users/me", json!({"displayName": "Now"}))
            .await
            .expect(StatusCode::CREATED);
        let mut item = app.items(&format!("user:{user}")).await.remove(0);
        item["partitionKey"] = json!("global");
        item["displayName"] = json!("Rolled back");
        item["updatedAt"] = json!(updated_at);
        item["revision"] = json!("5f0c8e9a-3b1d-8f00-9c11-2a7f0d5b6e41");
        app.store(&item).await;
        reconcile(&app).await;
        assert_eq!(own.get("/api/users/me").await.text("displayName"), name);
        assert!(app.items("global").await.is_empty());
    }
}

/// The release before was killed in the middle of a deletion: the marker is gone, the workspace is not.
#[tokio::test]
async fn a_workspace_that_the_release_before_was_deleting_is_opened_by_the_next_creation() {
    let (_, mut items) = releases().swap_remove(0);
    items[0]["closing"] = json!(true);
    items.retain(|item| item["id"] != "open");
    let app = app_with(&items).await;
    let bob = app.user("bob");
    bob.get(WORKSPACE).await.expect(StatusCode::OK);
    let made = bob.project(WORKSPACE, json!({"name": "P"})).await;
    bob.get(&made.location()).await.expect(StatusCode::OK);
    assert_eq!(roles(&app.user("ada")).await.len(), 3);
}

/// What 0.1.0 refuses to read an item without, by its kind.
const NEEDED_BEFORE: [(&str, &[&str]); 5] = [
    (
        "workspace",
        &[
            "/id",
            "/name",
            "/members/0/userId",
            "/members/0/role",
            "/createdAt",
            "/revision",
        ],
    ),
    ("openMarker", &["/id"]),
    (
        "project",
        &[
            "/id",
            "/name",
            "/slug",
            "/authorId",
            "/createdAt",
            "/revision",
        ],
    ),
    ("slugReservation", &["/id", "/slug", "/projectId"]),
    (
        "user",
        &["/id", "/userId", "/displayName", "/createdAt", "/revision"],
    ),
];

#[tokio::test]
async fn the_release_before_can_read_what_is_written_now() {
    let (_, items) = releases().pop().unwrap();
    for (kind, needed) in NEEDED_BEFORE {
        let mut of_kind = items
            .iter()
            .filter(|item| item["docType"] == kind)
            .peekable();
        assert!(of_kind.peek().is_some(), "{kind}");
        for (item, place) in of_kind.flat_map(|item| needed.iter().map(move |place| (item, place)))
        {
            let found = item.pointer(place);
            assert!(
                found.is_some_and(Value::is_string),
                "{kind} {place}: {found:?}"
            );
        }
    }
}
