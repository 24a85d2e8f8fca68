//! What a caller does with a workspace, from the moment it is made to its end.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) async fn json_of(response: Response, status: StatusCode) -> Value {
    assert_eq!(response.status(), status);
    response.json().await.unwrap()
}

/// What a stranger does in the first five minutes.
pub(crate) async fn a_workspace_lives_and_dies(request: impl Fn(Method, &str) -> RequestBuilder) {
    let create = request(Method::POST, "/api/workspaces");
    let created = create.json(&json!({"name": "W"})).send().await.unwrap();
    let workspace = created.headers()["location"].to_str().unwrap().to_owned();
    let created = json_of(created, StatusCode::CREATED).await;
    let list = request(Method::GET, "/api/workspaces?limit=5");
    let listed = json_of(list.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(listed["value"].as_array().unwrap().len(), 1);
    assert_eq!(listed["value"][0]["id"], created["id"]);

    let patch = request(Method::PATCH, &workspace).json(&json!({"name": "V"}));
    let changed = json_of(patch.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(changed["name"], "V");
    let member = request(Method::PUT, &format!("{workspace}/members/bob"));
    let added = member
        .json(&json!({"role": "viewer"}))
        .send()
        .await
        .unwrap();
    assert_eq!(added.status(), StatusCode::CREATED);
    let me = request(Method::PUT, "/api/users/me").json(&json!({}));
    assert_eq!(me.send().await.unwrap().status(), StatusCode::CREATED);

    a_project_lives_and_dies(&request, &workspace).await;
    let deleted = request(Method::DELETE, &workspace).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
}

async fn a_project_lives_and_dies(
    request: &impl Fn(Method, &str) -> RequestBuilder,
    workspace: &str,
) {
    let projects = format!("{workspace}/projects");
    let create = request(Method::POST, &projects).json(&json!({"name": "Plan A"}));
    let created = create.send().await.unwrap();
    let project = created.headers()["location"].to_str().unwrap().to_owned();
    let created = json_of(created, StatusCode::CREATED).await;

    let list = request(Method::GET, &format!("{projects}?orderBy=-name&limit=5"));
    let listed = json_of(list.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(listed, json!({"value": [created]}));
    let by_slug = request(Method::GET, &format!("{projects}/by-slug/plan-a"));
    let found = json_of(by_slug.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(found, created);

    let patch = request(Method::PATCH, &project).json(&json!({"tags": ["a"]}));
    let changed = json_of(patch.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(changed["tags"], json!(["a"]));
    let deleted = request(Method::DELETE, &project).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
}
