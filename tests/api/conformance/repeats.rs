//! Creating an entity once, however often the request is sent.

use super::{ENTITIES, names};
use crate::app::{Answer, App, User};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashSet;

async fn post(user: &User<'_>, list: &str, key: &str, body: &Value) -> Answer {
    let request = user.request(Method::POST, list).json(body);
    Answer::of(request.header("idempotency-key", key)).await
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let app = App::start().await;
    let ada = app.user("ada");
    for entity in ENTITIES {
        let list = entity.list(&ada).await;
        let before = names(&ada, &list).await.len();
        let first = post(&ada, &list, "once", &entity.sample()).await;
        let first = first.expect(StatusCode::CREATED);
        let again = post(&ada, &list, "once", &entity.sample()).await;
        let again = again.expect(StatusCode::CREATED);
        assert_eq!(again.json, first.json);
        assert_eq!(again.etag(), first.etag());
        assert_eq!(again.location(), first.location());
        let another = post(&ada, &list, "once", &entity.named("Another")).await;
        another.expect_problem(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused");
        assert_eq!(names(&ada, &list).await.len(), before + 1);

        ada.patch(&first.location(), json!({"name": "Changed"}))
            .await
            .expect(StatusCode::OK);
        let again = post(&ada, &list, "once", &entity.sample()).await;
        assert_eq!(again.json, first.json, "whatever became of it since");
        assert_eq!(again.etag(), "", "it is of no version");
        ada.delete(&first.location())
            .await
            .expect(StatusCode::NO_CONTENT);
        let again = post(&ada, &list, "once", &entity.sample()).await;
        assert_eq!(again.json, first.json);
        assert_eq!(names(&ada, &list).await.len(), before);
    }
}

#[tokio::test]
async fn repeats_at_the_same_time_create_one() {
    let app = App::start().await;
    let other = app.another();
    for entity in ENTITIES {
        let (ada, elsewhere) = (app.user("ada"), other.user("ada"));
        let list = entity.list(&ada).await;
        let before = names(&ada, &list).await.len();
        let sample = entity.sample();
        let repeats = (0..6).map(|n| {
            let user = if n % 2 == 0 { &ada } else { &elsewhere };
            post(user, &list, "once", &sample)
        });
        let answers = join_all(repeats).await;
        let locations: HashSet<_> = answers
            .into_iter()
            .map(|answer| answer.expect(StatusCode::CREATED).location())
            .collect();
        assert_eq!(locations.len(), 1, "{}", entity.list);
        assert_eq!(names(&ada, &list).await.len(), before + 1);
    }
}
