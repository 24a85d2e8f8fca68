//! Lists, page by page.

use super::ENTITIES;
use crate::app::App;
use reqwest::StatusCode;

#[tokio::test]
async fn a_list_is_paged_to_its_end_without_gaps_or_repeats() {
    let app = App::start().await;
    for (number, entity) in ENTITIES.iter().enumerate() {
        let user = format!("user-{number}");
        let ada = app.user(&user);
        let list = entity.list(&ada).await;
        let mut made = Vec::new();
        for n in 0..5 {
            let body = entity.named(&format!("Number {n}"));
            made.push(ada.post(&list, body).await.expect(StatusCode::CREATED).json);
        }
        let pages = ada.pages(&format!("{list}?limit=2")).await;
        let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 2, 1], "{list}");
        let listed = pages.concat();
        let pairs = listed.iter().zip(&made);
        for (listed, made) in pairs {
            // A list may show less, or more.
            let both = listed.as_object().unwrap().iter();
            let mut both = both.filter(|(name, _)| made.get(name).is_some());
            assert!(both.all(|(name, value)| made[name] == *value), "{listed}");
            assert_eq!(listed["id"], made["id"], "oldest first");
        }
    }
}

#[tokio::test]
async fn a_continuation_is_good_for_its_own_list_alone() {
    let app = App::start().await;
    for (number, entity) in ENTITIES.iter().enumerate() {
        let user = format!("user-{number}");
        let ada = app.user(&user);
        let list = entity.list(&ada).await;
        for n in 0..2 {
            let made = ada.post(&list, entity.named(&format!("Number {n}"))).await;
            made.expect(StatusCode::CREATED);
        }
        let page = ada.get(&format!("{list}?limit=1")).await;
        let next = page.text("nextLink");
        let (_, token) = next.split_once("continuation=").unwrap();
        ada.get(next).await.expect(StatusCode::OK);
        let (other, elsewhere) = if entity.is_in_workspace() {
            (app.user(&user), entity.list(&ada).await)
        } else {
            (app.user("eve"), list.clone())
        };
        for (user, list, token) in [
            (&other, &elsewhere, token.to_owned()),
            (&ada, &list, format!("{token}x")),
            (&ada, &list, token.to_lowercase()),
            (&ada, &list, "AAAA".to_owned()),
        ] {
            let refused = user
                .get(&format!("{list}?limit=1&continuation={token}"))
                .await;
            refused.expect_problem(StatusCode::BAD_REQUEST, "invalid-continuation");
        }
    }
}

#[tokio::test]
async fn wrong_parameters_are_all_named() {
    let app = App::start().await;
    let ada = app.user("ada");
    for entity in ENTITIES {
        let list = entity.list(&ada).await;
        let refused = ada
            .get(&format!("{list}?limit=0&colour=red&colour=blue"))
            .await;
        let refused = refused.expect_problem(StatusCode::BAD_REQUEST, "invalid-parameter");
        let errors = refused.json["errors"].as_array().unwrap();
        let named: Vec<_> = errors
            .iter()
            .map(|e| e["parameter"].as_str().unwrap())
            .collect();
        assert_eq!(named, ["limit", "colour", "colour"]);
    }
}
