//! Deleting a workspace while projects are made in it, and moving one project to and fro.

use crate::app::App;
use crate::moves::{copies, start_move};
use cosmos_emulator::{Fault, Resource};
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

/// Projects that can be reached by nobody.
async fn orphans(app: &App, workspace: &str) -> usize {
    let items = app.items(workspace.rsplit('/').next().unwrap()).await;
    let projects = items.iter().filter(|item| item["docType"] == "project");
    projects.count()
}

#[tokio::test]
async fn no_project_is_left_in_a_workspace_that_is_gone() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (mut deleted, mut kept) = (0, 0);
    for _round in 0..30 {
        let workspace = ada.workspace().await;
        let list = format!("{workspace}/projects");
        let creations = join_all((0..3).map(|_| ada.post(&list, json!({"name": "P"}))));
        let (deletion, made) = tokio::join!(ada.delete(&workspace), creations);
        let made = made
            .iter()
            .filter(|answer| answer.status == StatusCode::CREATED);
        let left = ada.get(&workspace).await.status;
        if left == StatusCode::NOT_FOUND {
            assert_eq!(deletion.status, StatusCode::NO_CONTENT);
            assert_eq!(made.count(), 0);
            assert_eq!(orphans(&app, &workspace).await, 0);
            deleted += 1;
        } else {
            assert_eq!(deletion.status, StatusCode::CONFLICT, "{deletion:?}");
            let listed = ada.pages(&list).await.concat().len();
            assert_eq!(made.count(), listed);
            ada.post(&list, json!({"name": "P"}))
                .await
                .expect(StatusCode::CREATED);
            kept += 1;
        }
    }
    println!("{deleted} deleted, {kept} kept");
}

/// The creation is about to write when the deletion runs from start to end.
async fn deleted_before_the_write(stale_reads: bool) {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let late = Fault {
        resource: Some(Resource::Batch),
        hold: true,
        stale_reads,
        times: Some(1),
        ..Fault::default()
    };
    let late = app.emulator.inject(late).unwrap();
    let list = format!("{workspace}/projects");
    let (created, ()) = tokio::join!(ada.post(&list, json!({"name": "P"})), async {
        assert!(app.emulator.fired(late, 1).await);
        ada.delete(&workspace).await.expect(StatusCode::NO_CONTENT);
        app.emulator.clear_faults();
    });
    created.expect_problem(StatusCode::NOT_FOUND, "not-found");
    assert_eq!(orphans(&app, &workspace).await, 0);
}

#[tokio::test]
async fn a_creation_that_is_late_fails() {
    deleted_before_the_write(false).await;
}

/// Batches run under snapshot isolation: the creation still reads the marker that the deletion has removed.
#[tokio::test]
async fn a_creation_that_has_read_the_marker_too_early_is_taken_back() {
    deleted_before_the_write(true).await;
}

/// The deletion has found no projects and closed the workspace when one is made after all.
#[tokio::test]
async fn a_deletion_that_finds_a_project_in_the_end_is_taken_back() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let closing = Fault {
        resource: Some(Resource::Batch),
        hold: true,
        times: Some(1),
        ..Fault::default()
    };
    let closing = app.emulator.inject(closing).unwrap();
    let (deletion, project) = tokio::join!(ada.delete(&workspace), async {
        assert!(app.emulator.fired(closing, 1).await);
        let project = ada.project(&workspace, json!({"name": "P"})).await;
        app.emulator.clear_faults();
        project
    });
    deletion.expect_problem(StatusCode::CONFLICT, "workspace-not-empty");
    assert_eq!(ada.get(&project.location()).await.json, project.json);
    ada.project(&workspace, json!({"name": "Q"})).await;
}

/// The deletion was refused by storage half way: nobody is to finish it behind the back of those who go on.
#[tokio::test]
async fn a_deletion_that_failed_is_not_carried_out_later() {
    let app = App::start().await;
    let ada = app.user("ada");
    let workspace = ada.workspace().await;
    let last = Fault {
        method: Some("PUT".to_owned()),
        status: Some(500),
        ..Fault::default()
    };
    app.emulator.inject(last).unwrap();
    let failed = ada.delete(&workspace).await;
    failed.expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
    app.emulator.clear_faults();

    ada.patch(&workspace, json!({"name": "Kept"}))
        .await
        .expect(StatusCode::OK);
    let member = format!("{workspace}/members/bob");
    ada.put(&member, json!({"role": "editor"}))
        .await
        .expect(StatusCode::CREATED);
    app.user("bob")
        .project(&workspace, json!({"name": "P"}))
        .await;
    assert_eq!(ada.get(&workspace).await.text("name"), "Kept");
}

#[tokio::test]
async fn a_deletion_that_cannot_reach_storage_says_so() {
    for status in [408, 503] {
        let app = App::start().await;
        let ada = app.user("ada");
        let workspace = ada.workspace().await;
        let down = Fault {
            resource: Some(Resource::Batch),
            status: Some(status),
            ..Fault::default()
        };
        app.emulator.inject(down).unwrap();
        ada.delete(&workspace)
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "storage-unavailable");
        app.emulator.clear_faults();
        ada.delete(&workspace).await.expect(StatusCode::NO_CONTENT);
    }
}

/// Another owner removes the one who deletes the workspace, who then cannot see it any more.
#[tokio::test]
async fn an_owner_who_is_removed_while_deleting_is_not_told_that_it_is_gone() {
    let app = App::start().await;
    let (ada, bob) = (app.user("ada"), app.user("bob"));
    let workspace = ada.workspace().await;
    ada.put(
        &format!("{workspace}/members/bob"),
        json!({"role": "owner"}),
    )
    .await
    .expect(StatusCode::CREATED);
    let look = Fault {
        resource: Some(Resource::Query),
        skip: 1,
        hold: true,
        times: Some(1),
        ..Fault::default()
    };
    let look = app.emulator.inject(look).unwrap();
    let (deletion, ()) = tokio::join!(ada.delete(&workspace), async {
        assert!(app.emulator.fired(look, 1).await);
        bob.delete(&format!("{workspace}/members/ada"))
            .await
            .expect(StatusCode::NO_CONTENT);
        app.emulator.clear_faults();
    });
    deletion.expect_problem(StatusCode::NOT_FOUND, "not-found");
    bob.get(&workspace).await.expect(StatusCode::OK);
    bob.project(&workspace, json!({"name": "P"})).await;
}

/// Slow batches make the moves overlap.
#[tokio::test]
async fn a_project_that_is_moved_to_and_fro_by_several_clients_is_there_once() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (a, b) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&a, json!({"name": "Plan"})).await;
    let project = made.text("id");
    for round in 0..8 {
        let slow = Fault {
            resource: Some(Resource::Batch),
            skip: round % 4,
            times: Some(2),
            delay_ms: Some(40),
            ..Fault::default()
        };
        app.emulator.inject(slow).unwrap();
        let in_a = format!("{a}/projects/{project}");
        let in_b = format!("{b}/projects/{project}");
        let moves = [(&in_a, &b), (&in_b, &a), (&in_a, &b), (&in_b, &a)];
        join_all(moves.map(|(path, target)| start_move(&ada, path, target))).await;
        app.emulator.clear_faults();
        assert_eq!(copies(&ada, &[&a, &b], project).await, 1, "round {round}");
        let slugs = [&a, &b].map(|workspace| format!("{workspace}/projects/by-slug/plan"));
        let found = join_all(slugs.iter().map(|path| ada.get(path))).await;
        let found = found
            .iter()
            .filter(|answer| answer.status == StatusCode::OK);
        assert_eq!(found.count(), 1, "it keeps its slug");
    }
}
