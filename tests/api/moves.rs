use crate::app::{Answer, App, User};
use cosmos_emulator::{Emulator, Fault, Options, Resource};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::sync::Notify;

pub(crate) fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

pub(crate) async fn start_move(user: &User<'_>, project: &str, target: &str) -> Answer {
    let body = json!({"targetWorkspaceId": id(target)});
    user.post(&format!("{project}/move"), body).await
}

/// Moves the project; returns its path.
pub(crate) async fn moved(user: &User<'_>, project: &str, target: &str) -> String {
    let moved = start_move(user, project, target).await;
    format!(
        "{target}/projects/{}",
        moved.expect(StatusCode::OK).text("id")
    )
}

/// Where the project is seen: in lists, by id and by slug, which must all agree.
pub(crate) async fn copies(user: &User<'_>, workspaces: &[&str], project_id: &str) -> usize {
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

/// The first move is finished just when the move back has found it in its way and looks at what is there.
#[tokio::test]
async fn a_move_back_while_the_first_one_is_being_finished() {
    let app = App::start().await;
    let ada = app.user("ada");
    let (a, b) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&a, json!({"name": "Plan"})).await;
    let project = made.text("id");
    let removal = Fault {
        resource: Some(Resource::Batch),
        skip: 1,
        times: Some(1),
        hold: true,
        ..Fault::default()
    };
    let look = Fault {
        resource: Some(Resource::Item),
        method: Some("GET".to_owned()),
        item_id: Some(project.to_owned()),
        skip: 1,
        times: Some(1),
        hold: true,
        ..Fault::default()
    };
    let removal = app.emulator.inject(removal).unwrap();
    let (path, moved) = (made.location(), format!("{b}/projects/{project}"));
    let finished = Notify::new();
    let there = async {
        let there = start_move(&ada, &path, &b).await;
        finished.notify_one();
        there
    };
    let back = async {
        assert!(app.emulator.fired(removal, 1).await);
        let look = app.emulator.inject(look).unwrap();
        tokio::join!(start_move(&ada, &moved, &a), async {
            assert!(app.emulator.fired(look, 1).await);
            app.emulator.remove_fault(removal);
            finished.notified().await;
            app.emulator.remove_fault(look);
        })
    };
    let (there, (back, ())) = tokio::join!(there, back);
    there.expect(StatusCode::OK);
    let back = back.expect(StatusCode::OK);
    assert_eq!(back.json["workspaceId"], id(&a));
    assert_eq!(back.text("slug"), "plan");
    assert_eq!(copies(&ada, &[&a, &b], project).await, 1);
    ada.get(&path).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_project_moves_between_physical_partitions() {
    let options = Options {
        partitions: 101,
        ..Options::default()
    };
    let app = App::on(Emulator::start_with(options).await.unwrap(), &[]);
    let ada = app.user("ada");
    let (here, there) = (ada.workspace().await, ada.workspace().await);
    let made = ada.project(&here, json!({"name": "P"})).await;
    let moved = start_move(&ada, &made.location(), &there).await;
    moved.expect(StatusCode::OK);
    assert_eq!(copies(&ada, &[&here], made.text("id")).await, 0);
    assert_eq!(copies(&ada, &[&there], made.text("id")).await, 1);
}
