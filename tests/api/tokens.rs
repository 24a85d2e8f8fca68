//! `AUTH_MODE=jwt`: which access tokens are taken, and how the issuer's keys are kept.

use crate::app::{Answer, App};
use crate::issuer::{self, AUDIENCE, Issuer, KEYS, TENANT, now, sign, sign_with, sign_with_crit};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use cosmos_emulator::Emulator;
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use ring::hmac;
use serde_json::{Value, json};

pub(crate) async fn start(issuer: &Issuer, more: &[(&str, &str)]) -> App {
    let settings = [&issuer.settings(), more].concat();
    App::on(Emulator::start().await.unwrap(), &settings)
}

/// Asks for the caller's own workspaces.
async fn ask(app: &App, authorization: &str) -> Answer {
    let request = app.handler.request(Method::GET, "/api/workspaces");
    Answer::of(request.header("authorization", authorization)).await
}

pub(crate) async fn ask_with(app: &App, token: &str) -> Answer {
    ask(app, &format!("Bearer {token}")).await
}

pub(crate) fn changed(mut claims: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let kept = claims.as_object_mut().unwrap();
    kept.retain(|_, value| !value.is_null());
    claims
}

#[tokio::test]
async fn a_good_token_says_who_calls() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    let token = issuer.token("ada");
    let put = app.handler.request(Method::PUT, "/api/users/me");
    let me = Answer::of(put.bearer_auth(&token).json(&json!({}))).await;
    let me = me.expect(StatusCode::CREATED);
    assert_eq!(me.text("id"), "ada");
    assert_eq!(me.text("displayName"), "Name of ada");
    assert_eq!(me.text("email"), "ada@contoso.example");
}

#[tokio::test]
async fn tokens_of_both_versions_are_taken() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    let claims = issuer.claims("ada");
    for change in [
        json!({}),
        // Version 1 names the person otherwise.
        json!({"ver": "1.0", "preferred_username": null, "upn": "ada@contoso.example", "appid": "x"}),
        json!({"ver": "1.0", "preferred_username": null, "unique_name": "ada@contoso.example"}),
        // An app has no name at all; without oid, sub is the id.
        json!({"name": null, "preferred_username": null}),
        json!({"oid": null}),
        // An app that was given a role, and no person.
        json!({"scp": null, "roles": ["Projects.Read"], "oid": "a/b"}),
        json!({"exp": 4_000_000_000.5, "nbf": 1_000_000_000.5}),
        json!({"aud": [AUDIENCE, "another"]}),
        // Clocks differ.
        json!({"exp": now() - 30}),
        json!({"nbf": now() + 30}),
    ] {
        let token = sign(&changed(claims.clone(), &change));
        let answer = ask_with(&app, &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{change}");
    }
}

#[tokio::test]
async fn every_other_token_is_refused_with_a_challenge() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[("AUTH_TENANT_ID", TENANT)]).await;
    let claims = issuer.claims("ada");
    let good = sign(&claims);
    let parts: Vec<_> = good.split('.').collect();
    let unsigned = json!({"alg": "none", "typ": "JWT", "kid": "key-0"}).to_string();
    let encode = |text: &str| BASE64.encode(text);
    let with = |change: Value| sign(&changed(claims.clone(), &change));
    let mut tampered = parts[2].as_bytes().to_vec();
    tampered[10] = if tampered[10] == b'A' { b'B' } else { b'A' };
    let public_key_as_secret = {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": "key-0"});
        let secret = hmac::Key::new(hmac::HMAC_SHA256, b"the public key, which everybody knows");
        let signed = issuer::unsigned(&header, &claims);
        let signature = hmac::sign(&secret, signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature))
    };
    for (token, why) in [
        (
            with(json!({"iss": "https://login.example"})),
            "another issuer",
        ),
        (with(json!({"aud": "api://other"})), "another audience"),
        (with(json!({"exp": now() - 120})), "has expired"),
        (with(json!({"nbf": now() + 120})), "not valid yet"),
        (with(json!({"exp": null})), "not valid"),
        (with(json!({"iss": null})), "lacks"),
        (with(json!({"aud": null})), "lacks"),
        (with(json!({"tid": "another"})), "another tenant"),
        (with(json!({"tid": null})), "another tenant"),
        (with(json!({"oid": null, "sub": null})), "no usable oid"),
        (with(json!({"oid": "\u{e4}"})), "no usable oid"),
        (with(json!({"scp": null})), "neither scp nor roles"),
        (
            with(json!({"scp": " ", "roles": []})),
            "neither scp nor roles",
        ),
        (sign_with_crit(&claims, &["exp"]), "crit"),
        (sign_with_crit(&claims, &[]), "crit"),
        (sign_with("key-0", &KEYS[1], &claims), "not valid"),
        (sign_with("key-9", &KEYS[1], &claims), "key is unknown"),
        (
            format!(
                "{}.{}.{}",
                parts[0],
                parts[1],
                String::from_utf8(tampered).unwrap()
            ),
            "not valid",
        ),
        (format!("{}.{}.", encode(&unsigned), parts[1]), "malformed"),
        (format!("{}.{}.", parts[0], parts[1]), "not valid"),
        (public_key_as_secret, "RS256"),
        ("abc".to_owned(), "malformed"),
        ("a.b.c".to_owned(), "malformed"),
        ("x".repeat(17_000), "too long"),
    ] {
        let refused = ask_with(&app, &token).await;
        let refused = refused.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        let challenge = refused.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer error=\"invalid_token\""),
            "{challenge}"
        );
        assert!(refused.text("detail").contains(why), "{why}: {refused:?}");
    }
    ask_with(&app, &good).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn without_a_token_the_challenge_says_what_to_bring() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    let missing = app.handler.get("/api/workspaces").await;
    let missing = missing.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    let token = issuer.token("ada");
    for authorization in ["Basic YTpi", "Bearer", token.as_str()] {
        let refused = ask(&app, authorization).await;
        let refused = refused.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer",
            "{authorization}"
        );
    }
    // Nobody is believed by the headers of other modes.
    let request = app.user("ada").request(Method::GET, "/api/workspaces");
    let request = request.header("x-ms-client-principal", "e30=");
    Answer::of(request)
        .await
        .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
}

#[tokio::test]
async fn keys_are_read_once_for_any_number_of_callers() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    assert_eq!(issuer.reads(), 0, "not before they are needed");
    let tokens: Vec<_> = (0..30)
        .map(|n| issuer.token(&format!("user-{n}")))
        .collect();
    for answer in join_all(tokens.iter().map(|token| ask_with(&app, token))).await {
        answer.expect(StatusCode::OK);
    }
    assert_eq!(issuer.reads(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_found_and_forged_key_ids_are_not_looked_for_again_and_again() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    ask_with(&app, &issuer.token("ada"))
        .await
        .expect(StatusCode::OK);

    issuer.rotate();
    let rotated = sign_with("key-1", &KEYS[1], &issuer.claims("bob"));
    ask_with(&app, &rotated).await.expect(StatusCode::OK);
    assert_eq!(issuer.reads(), 2);

    let forged: Vec<_> = (0..50)
        .map(|n| sign_with(&format!("forged-{n}"), &KEYS[1], &issuer.claims("eve")))
        .collect();
    for answer in join_all(forged.iter().map(|token| ask_with(&app, token))).await {
        answer.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    }
    assert_eq!(issuer.reads(), 2);
}

#[tokio::test]
async fn known_keys_stay_good_while_the_issuer_is_out_of_reach() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    ask_with(&app, &issuer.token("ada"))
        .await
        .expect(StatusCode::OK);
    issuer.set_down(true);
    ask_with(&app, &issuer.token("bob"))
        .await
        .expect(StatusCode::OK);
    // It may be a new key: nobody can tell now.
    issuer.rotate();
    let rotated = sign_with("key-1", &KEYS[1], &issuer.claims("bob"));
    ask_with(&app, &rotated)
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "issuer-unavailable");
    ask_with(&app, &issuer.token("cyd"))
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn an_issuer_that_is_down_at_first_is_found_when_it_comes_up() {
    let issuer = Issuer::start().await;
    issuer.set_down(true);
    let app = start(&issuer, &[]).await;
    let token = issuer.token("ada");
    for _ in 0..5 {
        ask_with(&app, &token)
            .await
            .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "issuer-unavailable");
    }
    issuer.set_down(false);
    while ask_with(&app, &token).await.status != StatusCode::OK {}
}

#[tokio::test]
async fn an_issuer_that_calls_itself_something_else_is_not_believed() {
    let issuer = Issuer::start().await;
    issuer.call_itself("https://login.example");
    let app = start(&issuer, &[]).await;
    ask_with(&app, &issuer.token("ada"))
        .await
        .expect_problem(StatusCode::SERVICE_UNAVAILABLE, "issuer-unavailable");
}
