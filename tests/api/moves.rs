use crate::app::{Answer, App, User};
use cosmos_emulator::{Fault, Resource};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

async fn start_move(user: &User<'_>, project: &str, target: &str) -> Answer {
    let body = json!({"targetWorkspaceId": id(target)});
    user.post(&format!("{project}/move"), body).await
}

/// Where the project is seen: in lists, by id and by slug, which must all agree.
async fn copies(user: &User<'_>, workspaces: &[&str], project_id: &str) -> usize {
    let mut copies = 0;
    for workspace in workspaces {
        let listed = user
            .pages(&format!("{workspace}/projects?limit=100"))
            .await
            .concat();
        let listed = listed.iter().find(|project| project["id"] == project_id);
        let by_id = user
            .get(&format!("{workspace}/projects/{project_id}"))
            .await;
        assert_eq!(
            by_id.status == StatusCode::OK,
            listed.is_some(),
            "{workspace}"
        );
        if let Some(listed) = listed {
            assert_eq!(*listed, by_id.json);
            let slug = listed["slug"].as_str().unwrap();
            let by_slug = user
                .get(&format!("{workspace}/projects/by-slug/{slug}"))
                .await;
            assert_eq!(by_slug.json, by_id.json);
            copies += 1;
        }
    }
    copies
}

#[tokio::test]
async fn a_moved_project_keeps_what_it_is_and_leaves_nothing_behind() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let body = json!({"name": "Plan", "tags": ["t"], "visibility": "private"});
    let made = ada.project(&here, body).await;

    let moved = start_move(&ada, &made.location(), &there)
        .await
        .expect(StatusCode::OK);
    let mut expected = made.json.clone();
    expected["workspaceId"] = json!(id(&there));
    expected["updatedAt"] = moved.json["updatedAt"].clone();
    assert_eq!(moved.json, expected);
    assert!(moved.json["updatedAt"].is_string());

    let path = format!("{there}/projects/{}", made.text("id"));
    let read = ada.get(&path).await;
    assert_eq!((&read.json, read.etag()), (&moved.json, moved.etag()));
    assert_eq!(copies(&ada, &[&here, &there], made.text("id")).await, 1);
    for gone in [made.location(), format!("{here}/projects/by-slug/plan")] {
        ada.get(&gone).await.expect(StatusCode::NOT_FOUND);
    }
    // The slug is free again, and the workspace can go.
    let again = ada.project(&here, json!({"name": "Plan"})).await;
    assert_eq!(again.text("slug"), "plan");
    ada.delete(&again.location())
        .await
        .expect(StatusCode::NO_CONTENT);
    ada.delete(&here).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_slug_that_is_taken_there_gets_a_number() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    ada.project(&there, json!({"name": "Plan"})).await;
    let made = ada.project(&here, json!({"name": "Plan"})).await;
    let moved = start_move(&ada, &made.location(), &there).await;
    assert_eq!(moved.expect(StatusCode::OK).text("slug"), "plan-2");
}

#[tokio::test]
async fn a_project_may_come_and_go() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "Plan"})).await;
    let project = made.text("id");
    for _ in 0..3 {
        for (from, to) in [(&here, &there), (&there, &here)] {
            let path = format!("{from}/projects/{project}");
            start_move(&ada, &path, to).await.expect(StatusCode::OK);
            assert_eq!(copies(&ada, &[&here, &there], project).await, 1);
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let app = App::start().await;
    let (ada, eve) = (app.user("ada"), app.user("eve"));
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let foreign = eve.workspace().await;
    let made = ada.project(&here, json!({"name": "P"})).await;
    let path = made.location();
    let missing = format!("{here}/projects/{}", id(&there));
    start_move(&ada, &path, &here)
        .await
        .expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
    start_move(&ada, &path, &foreign)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    start_move(&ada, &missing, &there)
        .await
        .expect_problem(StatusCode::NOT_FOUND, "not-found");
    eve.put(&format!("{foreign}/members/ada"), json!({"role": "viewer"}))
        .await;
    start_move(&ada, &path, &foreign)
        .await
        .expect_problem(StatusCode::FORBIDDEN, "role-too-low");
    let stale = ada.request(Method::POST, &format!("{path}/move"));
    let stale = stale.header("if-match", "\"stale\"");
    Answer::of(stale.json(&json!({"targetWorkspaceId": id(&there)})))
        .await
        .expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
    assert_eq!(ada.get(&path).await.json, made.json);
}

#[tokio::test]
async fn moves_of_one_project_at_the_same_moment_end_in_one_place() {
    let app = App::start().await;
    let ada = app.user("ada");
    let here = ada.workspace().await;
    let targets = [
        ada.workspace().await,
        ada.workspace().await,
        ada.workspace().await,
    ];
    for _round in 0..5 {
        let made = ada.project(&here, json!({"name": "P"})).await;
        let path = made.location();
        let moves = targets.iter().map(|target| start_move(&ada, &path, target));
        let answers = join_all(moves).await;
        let moved = answers
            .iter()
            .filter(|a| a.status == StatusCode::OK)
            .count();
        assert_eq!(moved, 1, "{answers:#?}");
        let everywhere = [&here, &targets[0], &targets[1], &targets[2]].map(String::as_str);
        assert_eq!(copies(&ada, &everywhere, made.text("id")).await, 1);
    }
}

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
async fn a_repeat_with_the_same_key_gets_the_first_answer() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "P"})).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        let request = ada.request(Method::POST, &format!("{}/move", made.location()));
        let request = request.header("idempotency-key", "k");
        let request = request.json(&json!({"targetWorkspaceId": id(&there)}));
        answers.push(Answer::of(request).await.expect(StatusCode::OK).json);
    }
    assert_eq!(answers[1], answers[0]);
    assert_eq!(answers[2], answers[0]);
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
    back.expect(StatusCode::OK);
    assert_eq!(copies(&ada, &[&a, &b], project_id).await, 1);
    ada.get(&format!("{a}/projects/{project_id}"))
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn a_project_that_moves_away_under_a_deletion_is_not_said_to_be_deleted() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "P"})).await;
    let hold = Fault {
        resource: Some(Resource::Batch),
        hold: true,
        times: Some(1),
        ..Fault::default()
    };
    let hold = app.emulator.inject(hold).unwrap();
    let path = made.location();
    let (deleted, ()) = tokio::join!(ada.delete(&path), async {
        assert!(app.emulator.fired(hold, 1).await);
        start_move(&ada, &path, &there).await.expect(StatusCode::OK);
        app.emulator.clear_faults();
    });
    deleted.expect_problem(StatusCode::NOT_FOUND, "not-found");
    assert_eq!(copies(&ada, &[&here, &there], made.text("id")).await, 1);
}

#[tokio::test]
async fn repeats_at_the_same_moment_all_get_the_answer() {
    let app = App::start().await;
    let ada = app.user("ada");
    for _round in 0..5 {
        let (here, there) = (ada.workspace().await, ada.workspace().await);
        let made = ada.project(&here, json!({"name": "P"})).await;
        let repeats = (0..4).map(|_| {
            let request = ada.request(Method::POST, &format!("{}/move", made.location()));
            let request = request.header("idempotency-key", "k");
            Answer::of(request.json(&json!({"targetWorkspaceId": id(&there)})))
        });
        let answers = join_all(repeats).await;
        for answer in answers {
            // Told to come back at worst, never that there is nothing.
            assert!([200, 409].contains(&answer.status.as_u16()), "{answer:?}");
        }
        assert_eq!(copies(&ada, &[&here, &there], made.text("id")).await, 1);
    }
}
