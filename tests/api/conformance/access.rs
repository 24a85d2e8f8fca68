//! Who may do what, and that no tenant reaches another.

use super::{ENTITIES, Entity, ROLES};
use crate::app::{Answer, App, Handler};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// The list in a workspace with a member of each role; for a workspace itself, its path.
async fn with_members(app: &App, entity: &Entity) -> (String, String) {
    let owner = app.user("owner");
    let workspace = owner.workspace().await;
    for role in ["viewer", "editor"] {
        let member = format!("{workspace}/members/{role}");
        owner
            .put(&member, json!({"role": role}))
            .await
            .expect(StatusCode::CREATED);
    }
    if !entity.is_in_workspace() {
        return (entity.list.to_owned(), workspace);
    }
    let list = entity
        .list
        .replace("/api/workspaces/{workspaceId}", &workspace);
    let made = entity.create(&owner, &list).await;
    (list, made.location())
}

#[tokio::test]
async fn every_role_may_do_what_it_may_and_no_more() {
    let app = App::start().await;
    for entity in ENTITIES {
        for (role, name) in ROLES.iter().enumerate() {
            let (list, path) = with_members(&app, entity).await;
            let user = app.user(name);
            let expect = |lowest: usize, status: u16| match role {
                role if role >= lowest => status,
                // Whoever is no member does not learn that there is anything.
                0 => 404,
                _ => 403,
            };
            let created = user.post(&list, entity.sample()).await;
            assert_eq!(
                created.status,
                expect(entity.may.create, 201),
                "{name} {list}"
            );
            if entity.is_in_workspace() {
                let listed = user.get(&list).await;
                assert_eq!(listed.status, expect(entity.may.read, 200), "{name} {list}");
            }
            let read = user.get(&path).await;
            assert_eq!(read.status, expect(entity.may.read, 200), "{name} {path}");
            let changed = user.patch(&path, entity.patch()).await;
            assert_eq!(
                changed.status,
                expect(entity.may.change, 200),
                "{name} {path}"
            );
            let deleted = user.delete(&path).await;
            assert_eq!(
                deleted.status,
                expect(entity.may.change, 204),
                "{name} {path}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_gets_401() {
    let handler = Handler::start(&[("AUTH_MODE", "dev")]);
    for (method, path) in super::routes() {
        let path = path.replace(['{', '}'], "");
        let method: Method = method.parse().unwrap();
        let answer = Answer::of(handler.request(method, &path)).await;
        answer.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    }
}

#[tokio::test]
async fn an_entity_is_not_found_under_another_tenant() {
    let app = App::start().await;
    let (ada, eve) = (app.user("ada"), app.user("eve"));
    for entity in ENTITIES.iter().filter(|entity| entity.is_in_workspace()) {
        let made = entity.create(&ada, &entity.list(&ada).await).await;
        let id = made.text("id");
        let elsewhere = format!("{}/{id}", entity.list(&eve).await);
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let request = eve.request(method.clone(), &elsewhere);
            let request = match method {
                Method::PATCH => request.json(&entity.patch()),
                _ => request,
            };
            let answer = Answer::of(request).await;
            answer.expect_problem(StatusCode::NOT_FOUND, "not-found");
        }
        let own = entity.list(&eve).await;
        assert!(eve.pages(&own).await.concat().is_empty());
        assert_eq!(ada.get(&made.location()).await.json, made.json);
    }
}

#[tokio::test]
async fn without_storage_lists_are_empty_and_nothing_else_is_there() {
    let handler = Handler::start(&[("AUTH_MODE", "dev")]);
    let ada = handler.user("ada");
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    for entity in ENTITIES {
        let list = entity.list.replace("{workspaceId}", id);
        let path = format!("{list}/{id}");
        let empty = ada.get(&list).await.expect(StatusCode::OK);
        assert_eq!(empty.json, json!({"value": []}));
        assert_eq!(empty.header("x-degraded"), "storage-not-configured");
        ada.get(&path)
            .await
            .expect_problem(StatusCode::NOT_FOUND, "not-found");
        for refused in [
            ada.post(&list, entity.sample()).await,
            ada.patch(&path, entity.patch()).await,
            ada.delete(&path).await,
        ] {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            refused.expect_problem(status, "storage-not-configured");
        }
    }
}
