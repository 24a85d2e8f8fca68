use crate::app::{Answer, App, request};
use crate::workload::until_done;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashSet;

#[tokio::test]
async fn a_project_has_its_defaults_and_a_slug_for_good() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada
        .project(
            &workspace,
            json!({"name": "Launch Plan", "tags": ["q3", "eu"]}),
        )
        .await;
    let path = made.location();
    assert_eq!(path, format!("{workspace}/projects/{}", made.text("id")));
    assert!(workspace.ends_with(made.text("workspaceId")));
    assert_eq!(made.text("slug"), "launch-plan");
    assert_eq!(made.text("authorId"), "ada");
    assert_eq!(made.text("visibility"), "private");
    assert_eq!(made.json["tags"], json!(["q3", "eu"]));
    assert_eq!(made.json["description"], Value::Null);
    assert_eq!(made.json["updatedAt"], Value::Null);

    let changed = ada.patch(&path, json!({"name": "Relaunch"})).await;
    assert_eq!(changed.text("name"), "Relaunch");
    assert_eq!(changed.text("slug"), "launch-plan");
}

#[tokio::test]
async fn the_same_name_twice_gets_two_slugs_and_each_finds_its_project() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    for slug in ["plan", "plan-2", "plan-3"] {
        let made = ada.project(&workspace, json!({"name": "Plan"})).await;
        assert_eq!(made.text("slug"), slug);
        let found = ada
            .get(&format!("{workspace}/projects/by-slug/{slug}"))
            .await;
        assert_eq!(found.json, made.json);
        assert_eq!(found.etag(), made.etag());
    }
}

#[tokio::test]
async fn a_deleted_project_frees_its_slug() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "Plan"})).await;
    ada.delete(&made.location()).await;
    let by_slug = format!("{workspace}/projects/by-slug/plan");
    ada.get(&by_slug)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    let again = ada.project(&workspace, json!({"name": "Plan"})).await;
    assert_eq!(again.text("slug"), "plan");
}

#[tokio::test]
async fn two_hundred_creates_of_one_name_at_once_get_different_slugs() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let projects = format!("{workspace}/projects");
    // Some are told to come back: that many do not run at the same time.
    let creates = (0..200).map(|_| {
        until_done(|| {
            ada.request(Method::POST, &projects)
                .json(&json!({"name": "Plan"}))
        })
    });
    let made = futures::future::join_all(creates).await;
    let made: Vec<_> = made
        .into_iter()
        .map(|(answer, _)| answer.expect(StatusCode::CREATED))
        .collect();
    let slugs: HashSet<_> = made.iter().map(|project| project.text("slug")).collect();
    assert_eq!(slugs.len(), 200);
}

#[tokio::test]
async fn another_workspace_may_use_the_same_slug() {
    let app = App::start().await;
    let ada = app.user("ada");
    for _ in 0..2 {
        let workspace = ada.workspace().await;
        let made = ada.project(&workspace, json!({"name": "Plan"})).await;
        assert_eq!(made.text("slug"), "plan");
    }
}

#[tokio::test]
async fn strangers_read_single_public_projects_and_nothing_else() {
    let app = App::start().await;
    let (ada, eve) = (app.user("ada"), app.user("eve"));
    let workspace = ada.workspace().await;
    let body = json!({"name": "Open", "visibility": "public"});
    let public = ada.project(&workspace, body).await;
    let body = json!({"name": "Closed"});
    let private = ada.project(&workspace, body).await;

    let by_slug = |slug| format!("{workspace}/projects/by-slug/{slug}");
    for path in [public.location(), by_slug("open")] {
        let read = eve.get(&path).await.expect(StatusCode::OK);
        assert_eq!(read.json, public.json);
    }
    for path in [private.location(), by_slug("closed")] {
        eve.get(&path)
            .await
            .expect_problem(StatusCode::NOT_FOUND, "not-found");
        ada.get(&path).await.expect(StatusCode::OK);
    }
    for change in [
        eve.patch(&public.location(), json!({"name": "Mine"})).await,
        eve.delete(&public.location()).await,
    ] {
        change.expect_problem(StatusCode::NOT_FOUND, "not-found");
    }
    assert_eq!(ada.get(&public.location()).await.json, public.json);
}

#[tokio::test]
async fn other_kinds_of_item_are_not_projects() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let id = workspace.rsplit('/').next().unwrap();
    ada.get(&format!("{workspace}/projects/{id}"))
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    let delete = ada.request(Method::DELETE, &format!("{workspace}/projects/{id}"));
    Answer::of(delete)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    ada.get(&workspace).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn projects_are_not_made_in_a_deleted_workspace() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    ada.delete(&workspace).await.expect(StatusCode::NO_CONTENT);
    ada.post(&format!("{workspace}/projects"), json!({"name": "P"}))
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn a_project_whose_slug_is_not_reserved_is_deleted_all_the_same() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let made = ada.project(&workspace, json!({"name": "Plan"})).await;
    let id = workspace.rsplit('/').next().unwrap();
    let item = format!(
        "{}/dbs/app/colls/items/docs/slug%3Aplan",
        app.emulator.url()
    );
    let removed =
        request(Method::DELETE, item).header("x-ms-documentdb-partitionkey", format!("[\"{id}\"]"));
    assert_eq!(
        removed.send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    ada.delete(&made.location())
        .await
        .expect(StatusCode::NO_CONTENT);
    ada.get(&made.location())
        .await
        .expect(StatusCode::NOT_FOUND);
}
