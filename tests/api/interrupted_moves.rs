//! Moves that stop half way, and what becomes of them.

use crate::app::{Answer, App, request};
use crate::moves::{copies, id, start_move};
use cosmos_emulator::{DropConnection, Fault, Resource};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A handler that is stopped in the middle of a move, just before the write this fault drops.
async fn half_done(app: &App, fault: Fault) -> (String, String, Value) {
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "P"})).await;
    app.emulator.inject(fault).unwrap();
    let failed = start_move(&ada, &made.location(), &there).await;
    assert!(failed.status.is_server_error(), "{failed:?}");
    app.emulator.clear_faults();
    (here, there, made.json)
}

/// The arrival is refused: the project is marked and has not moved.
fn before_the_arrival() -> Fault {
    Fault {
        resource: Some(Resource::Batch),
        status: Some(500),
        ..Fault::default()
    }
}

/// The removal is refused: the project has moved, and its mark is still there.
fn before_the_removal() -> Fault {
    Fault {
        skip: 1,
        ..before_the_arrival()
    }
}

#[tokio::test]
async fn whoever_reads_a_half_done_move_finishes_it() {
    for fault in [before_the_arrival(), before_the_removal()] {
        for way in ["", "list", "by-slug/p"] {
            let app = App::start().await;
            let (here, there, project) = half_done(&app, fault.clone()).await;
            let ada = app.user("ada");
            let project_id = project["id"].as_str().unwrap();
            let path = match way {
                "list" => format!("{here}/projects"),
                "" => format!("{here}/projects/{project_id}"),
                by_slug => format!("{here}/projects/{by_slug}"),
            };
            let read = ada.get(&path).await;
            assert!(!read.json.to_string().contains(project_id), "{read:?}");
            assert_eq!(copies(&ada, &[&here, &there], project_id).await, 1);
            let path = format!("{there}/projects/{project_id}");
            ada.get(&path).await.expect(StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn a_project_that_is_being_moved_is_not_written() {
    for fault in [before_the_arrival(), before_the_removal()] {
        let app = App::start().await;
        let (here, there, project) = half_done(&app, fault).await;
        let path = format!("{here}/projects/{}", project["id"].as_str().unwrap());
        let patch = app.user("ada").patch(&path, json!({"name": "Q"})).await;
        let patch = patch.expect_problem(StatusCode::CONFLICT, "moving");
        assert_eq!(patch.header("retry-after"), "1");
        // That helped it on its way.
        let moved = format!("{there}/projects/{}", project["id"].as_str().unwrap());
        assert_eq!(app.user("ada").get(&moved).await.text("name"), "P");
    }
}

#[tokio::test]
async fn a_move_to_a_workspace_that_was_deleted_is_undone() {
    let app = App::start().await;
    let (here, there, project) = half_done(&app, before_the_arrival()).await;
    let ada = app.user("ada");
    ada.delete(&there).await.expect(StatusCode::NO_CONTENT);
    let path = format!("{here}/projects/{}", project["id"].as_str().unwrap());
    let stays = ada.get(&path).await.expect(StatusCode::OK);
    assert_eq!(stays.json, project);
    ada.patch(&path, json!({"name": "Q"}))
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn what_arrived_and_was_deleted_does_not_come_back() {
    let app = App::start().await;
    let (here, there, project) = half_done(&app, before_the_removal()).await;
    let ada = app.user("ada");
    let project_id = project["id"].as_str().unwrap();
    let moved = format!("{there}/projects/{project_id}");
    ada.delete(&moved).await.expect(StatusCode::NO_CONTENT);
    ada.get(&format!("{here}/projects/{project_id}"))
        .await
        .expect(StatusCode::NOT_FOUND);
    assert_eq!(copies(&ada, &[&here, &there], project_id).await, 0);
}

#[tokio::test]
async fn a_key_that_was_used_meanwhile_does_not_hold_up_a_move() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "P"})).await;
    app.emulator.inject(before_the_removal()).unwrap();
    let keyed = |path: String, body: Value| {
        let request = ada
            .request(Method::POST, &path)
            .header("idempotency-key", "k");
        Answer::of(request.json(&body))
    };
    let body = json!({"targetWorkspaceId": id(&there)});
    let failed = keyed(format!("{}/move", made.location()), body).await;
    assert!(failed.status.is_server_error());
    app.emulator.clear_faults();
    keyed(format!("{here}/projects"), json!({"name": "Q"}))
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(copies(&ada, &[&here, &there], made.text("id")).await, 1);
    let listed = ada.pages(&format!("{here}/projects")).await.concat();
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn what_arrived_and_went_on_does_not_come_back() {
    for delete_project in [false, true] {
        let app = App::start().await;
        let (a, b, project) = half_done(&app, before_the_removal()).await;
        let ada = app.user("ada");
        let c = ada.workspace().await;
        let project_id = project["id"].as_str().unwrap();
        let in_b = format!("{b}/projects/{project_id}");
        if delete_project {
            ada.delete(&in_b).await.expect(StatusCode::NO_CONTENT);
        } else {
            start_move(&ada, &in_b, &c).await.expect(StatusCode::OK);
        }
        ada.delete(&b).await.expect(StatusCode::NO_CONTENT);
        let everywhere = [a.as_str(), c.as_str()];
        let expected = usize::from(!delete_project);
        assert_eq!(copies(&ada, &everywhere, project_id).await, expected);
    }
}

#[tokio::test]
async fn a_project_may_go_back_before_its_first_move_is_cleared_away() {
    let app = App::start().await;
    let (a, b, project) = half_done(&app, before_the_removal()).await;
    let ada = app.user("ada");
    let project_id = project["id"].as_str().unwrap();
    let back = start_move(&ada, &format!("{b}/projects/{project_id}"), &a).await;
    assert_eq!(back.expect(StatusCode::OK).text("slug"), "p");
    assert_eq!(copies(&ada, &[&a, &b], project_id).await, 1);
    ada.get(&format!("{a}/projects/{project_id}"))
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn what_was_deleted_stays_deleted_however_late_its_move_is_finished() {
    let app = App::start().await;
    let (a, b, project) = half_done(&app, before_the_removal()).await;
    let ada = app.user("ada");
    let project_id = project["id"].as_str().unwrap();
    ada.delete(&format!("{b}/projects/{project_id}"))
        .await
        .expect(StatusCode::NO_CONTENT);
    app.emulator
        .advance_clock(std::time::Duration::from_hours(24 * 365));
    ada.get(&format!("{a}/projects/{project_id}"))
        .await
        .expect(StatusCode::NOT_FOUND);
    assert_eq!(copies(&ada, &[&a, &b], project_id).await, 0);
}

#[tokio::test]
async fn a_workspace_with_nothing_but_what_a_move_left_over_can_be_deleted() {
    let app = App::start().await;
    let (a, b, project) = half_done(&app, before_the_removal()).await;
    let ada = app.user("ada");
    ada.delete(&a).await.expect(StatusCode::NO_CONTENT);
    let project_id = project["id"].as_str().unwrap();
    ada.get(&format!("{b}/projects/{project_id}"))
        .await
        .expect(StatusCode::OK);
}

/// The answer to the deletion is lost. The project has moved before, which says nothing about its end.
#[tokio::test]
async fn a_project_that_came_back_is_said_to_be_deleted_when_it_is() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (a, b) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&a, json!({"name": "P"})).await;
    let moved = format!("{b}/projects/{}", made.text("id"));
    start_move(&ada, &made.location(), &b)
        .await
        .expect(StatusCode::OK);
    start_move(&ada, &moved, &a).await.expect(StatusCode::OK);
    let lost = Fault {
        resource: Some(Resource::Batch),
        drop: Some(DropConnection::After),
        times: Some(1),
        ..Fault::default()
    };
    app.emulator.inject(lost).unwrap();
    let deleted = ada.delete(&made.location()).await;
    deleted.expect(StatusCode::NO_CONTENT);
    assert_eq!(copies(&ada, &[&a, &b], made.text("id")).await, 0);
}

/// Makes the moves that were begun look as if that was long ago.
async fn let_time_pass(app: &App) {
    let docs = format!("{}/dbs/app/colls/items/docs", app.emulator.url());
    let send = async |method, path: &str, body: &Value| -> Value {
        let request = request(method, format!("{docs}{path}"));
        let request = request
            .header("x-ms-documentdb-partitionkey", "[\"moves\"]")
            .header("x-ms-documentdb-isquery", path.is_empty().to_string());
        let answer = request.json(body).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    };
    let all = json!({"query": "SELECT * FROM c", "parameters": []});
    let found = send(Method::POST, "", &all).await;
    for intent in found["Documents"].as_array().unwrap() {
        let mut intent = intent.clone();
        let began = intent["startedAt"].as_str().unwrap();
        intent["startedAt"] = json!(began.replacen("20", "19", 1));
        let path = format!("/{}", intent["id"].as_str().unwrap());
        send(Method::PUT, &path, &intent).await;
    }
}

/// Ten moves hang, because a partition is throttled. One of another tenant began after them.
#[tokio::test]
async fn the_timer_finishes_the_moves_of_others_beside_those_that_hang() {
    let app = App::start().await;
    let mut projects = Vec::new();
    for _ in 0..11 {
        let (_, _, project) = half_done(&app, before_the_removal()).await;
        projects.push(project["id"].as_str().unwrap().to_owned());
    }
    let_time_pass(&app).await;
    for id in projects.drain(..10) {
        let hangs = Fault {
            item_id: Some(id),
            hold: true,
            ..Fault::default()
        };
        app.emulator.inject(hangs).unwrap();
    }
    let said = app.run_timer("/reconcile_moves").await;
    assert_eq!(said, "1 moves finished, 10 not");
}

/// The repeat has looked at one thing and waits, while the move is done and somebody moves the project back.
#[tokio::test]
async fn a_repeat_does_not_move_a_project_again() {
    for looks in 0..3 {
        let app = App::start().await;
        let ada = app.user("ada");
        let (here, there) = (ada.workspace().await, ada.workspace().await);
        let made = ada.project(&here, json!({"name": "P"})).await;
        ada.get(&made.location()).await.expect(StatusCode::OK);
        let look = Fault {
            method: Some("GET".to_owned()),
            resource: Some(Resource::Item),
            skip: looks,
            hold: true,
            times: Some(1),
            ..Fault::default()
        };
        let look = app.emulator.inject(look).unwrap();
        let send = || {
            let request = ada.request(Method::POST, &format!("{}/move", made.location()));
            let request = request.header("idempotency-key", "k");
            Answer::of(request.json(&json!({"targetWorkspaceId": id(&there)})))
        };
        let (repeat, ()) = tokio::join!(send(), async {
            assert!(app.emulator.fired(look, 1).await, "{looks}");
            send().await.expect(StatusCode::OK);
            let moved = format!("{there}/projects/{}", made.text("id"));
            start_move(&ada, &moved, &here).await.expect(StatusCode::OK);
            app.emulator.clear_faults();
        });
        println!("{looks}: {}", repeat.status);
        ada.get(&made.location()).await.expect(StatusCode::OK);
        assert_eq!(copies(&ada, &[&here, &there], made.text("id")).await, 1);
    }
}
