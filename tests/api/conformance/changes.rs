//! Reading and changing one entity, on conditions.

use super::{ENTITIES, but_for_its_time, merged};
use crate::app::{Answer, App, User};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn on(
    user: &User<'_>,
    method: Method,
    path: &str,
    header: (&str, &str),
    body: &Value,
) -> Answer {
    let request = user.request(method, path).header(header.0, header.1);
    Answer::of(if body.is_null() {
        request
    } else {
        request.json(body)
    })
    .await
}

#[tokio::test]
async fn what_was_created_is_read_with_its_version() {
    let app = App::start().await;
    let ada = app.user("ada");
    for entity in ENTITIES {
        let made = entity.create(&ada, &entity.list(&ada).await).await;
        for (name, value) in entity.sample().as_object().unwrap() {
            assert_eq!(made.json[name], *value, "{}", entity.list);
        }
        let path = made.location();
        let read = ada.get(&path).await.expect(StatusCode::OK);
        assert_eq!(read.json, made.json);
        assert_eq!(read.etag(), made.etag());
        for known in [made.etag(), "*", &format!("\"other\", W/{}", made.etag())] {
            let same = on(
                &ada,
                Method::GET,
                &path,
                ("if-none-match", known),
                &Value::Null,
            )
            .await;
            assert_eq!(same.status, StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(same.etag(), made.etag());
        }
        let other = on(
            &ada,
            Method::GET,
            &path,
            ("if-none-match", "\"other\""),
            &Value::Null,
        )
        .await;
        other.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn a_change_on_another_version_is_refused_and_changes_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    for entity in ENTITIES {
        let made = entity.create(&ada, &entity.list(&ada).await).await;
        let path = made.location();
        for (method, body) in [
            (Method::GET, Value::Null),
            (Method::PATCH, entity.patch()),
            (Method::DELETE, Value::Null),
        ] {
            let stale = ("if-match", "\"stale\"");
            let refused = on(&ada, method.clone(), &path, stale, &body).await;
            refused.expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
            if method != Method::GET {
                let none = ("if-none-match", "*");
                let refused = on(&ada, method, &path, none, &body).await;
                refused.expect_problem(StatusCode::PRECONDITION_FAILED, "precondition-failed");
            }
        }
        assert_eq!(ada.get(&path).await.etag(), made.etag());
        let latest = ("if-match", made.etag());
        let changed = on(&ada, Method::PATCH, &path, latest, &entity.patch()).await;
        let changed = changed.expect(StatusCode::OK);
        assert_ne!(changed.etag(), made.etag());
        let latest = ("if-match", changed.etag());
        let deleted = on(&ada, Method::DELETE, &path, latest, &Value::Null).await;
        deleted.expect(StatusCode::NO_CONTENT);
        ada.get(&path)
            .await
            .expect_problem(StatusCode::NOT_FOUND, "not-found");
        let again = ada.delete(&path).await;
        again.expect_problem(StatusCode::NOT_FOUND, "not-found");
    }
}

#[tokio::test]
async fn a_merge_patch_changes_what_it_names_and_null_resets() {
    let app = App::start().await;
    let ada = app.user("ada");
    for entity in ENTITIES {
        let made = entity.create(&ada, &entity.list(&ada).await).await;
        let path = made.location();
        let changed = ada
            .patch(&path, entity.patch())
            .await
            .expect(StatusCode::OK);
        let expected = merged(&made.json, &entity.patch());
        assert_eq!(but_for_its_time(&changed.json), but_for_its_time(&expected));
        assert!(changed.json["updatedAt"].is_string());
        assert_eq!(ada.get(&path).await.json, changed.json);

        let nothing = ada.patch(&path, json!({})).await.expect(StatusCode::OK);
        assert_eq!(
            nothing.etag(),
            changed.etag(),
            "an empty patch writes nothing"
        );
        for (name, default) in entity.resets {
            let reset = ada.patch(&path, json!({*name: null})).await;
            let default: Value = serde_json::from_str(default).unwrap();
            assert_eq!(reset.expect(StatusCode::OK).json[name], default, "{name}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_with_every_pointer_and_changes_nothing() {
    let app = App::start().await;
    let ada = app.user("ada");
    for entity in ENTITIES {
        let list = entity.list(&ada).await;
        let made = entity.create(&ada, &list).await;
        let wrong = json!({"name": 7, "id": "mine", "colour~/": true});
        let pointers = ["/colour~0~1", "/id", "/name"];
        for refused in [
            ada.post(&list, wrong.clone()).await,
            ada.patch(&made.location(), wrong.clone()).await,
        ] {
            let refused =
                refused.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "validation-failed");
            assert_eq!(refused.pointers(), pointers);
        }
        let refused = ada.patch(&made.location(), json!({"name": null})).await;
        assert_eq!(refused.pointers(), ["/name"]);
        let refused = ada.post(&list, json!({})).await;
        assert_eq!(refused.pointers(), ["/name"]);
        assert_eq!(ada.get(&made.location()).await.json, made.json);
    }
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_made() {
    let app = App::start().await;
    let other = app.another();
    let (ada, elsewhere) = (app.user("ada"), other.user("ada"));
    for entity in ENTITIES {
        let made = entity.create(&ada, &entity.list(&ada).await).await;
        let path = made.location();
        let rename = json!({"name": "Renamed"});
        let (patched, renamed) = tokio::join!(
            ada.patch(&path, entity.patch()),
            elsewhere.patch(&path, rename.clone())
        );
        patched.expect(StatusCode::OK);
        renamed.expect(StatusCode::OK);
        let expected = merged(&merged(&made.json, &entity.patch()), &rename);
        let read = ada.get(&path).await;
        assert_eq!(but_for_its_time(&read.json), but_for_its_time(&expected));
    }
}
