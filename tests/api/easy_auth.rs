//! `AUTH_MODE=easy-auth`: the platform's description of the caller, and when it is believed.

use crate::app::{Answer, App, Handler};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cosmos_emulator::Emulator;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const ENABLED: [(&str, &str); 2] = [("AUTH_MODE", "easy-auth"), ("WEBSITE_AUTH_ENABLED", "True")];
const LONG_OID: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
const LONG_SUB: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";

fn principal(claims: &[(&str, &str)]) -> String {
    principal_of("aad", claims)
}

fn principal_of(provider: &str, claims: &[(&str, &str)]) -> String {
    let claims = claims
        .iter()
        .map(|(typ, val)| json!({"typ": typ, "val": val}));
    let principal = json!({
        "auth_typ": provider,
        "claims": claims.collect::<Vec<Value>>(),
        "name_typ": "name",
        "role_typ": "roles",
    });
    STANDARD.encode(principal.to_string())
}

async fn save_me(handler: &Handler, principal: &str) -> Answer {
    let request = handler.request(Method::PUT, "/api/users/me");
    Answer::of(
        request
            .header("X-MS-CLIENT-PRINCIPAL", principal)
            .json(&json!({})),
    )
    .await
}

#[tokio::test]
async fn the_principal_says_who_calls() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    let short = principal(&[
        ("sub", "pairwise"),
        ("oid", "ada"),
        ("name", "Ada"),
        ("preferred_username", "ada@contoso.example"),
        ("groups", "one"),
        ("groups", "two"),
    ]);
    let me = save_me(&app.handler, &short)
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(me.text("id"), "ada");
    assert_eq!(me.text("displayName"), "Ada");
    assert_eq!(me.text("email"), "ada@contoso.example");

    // Claims mapping gives long names.
    let long = principal(&[(LONG_SUB, "pairwise"), (LONG_OID, "bob"), ("name", "Bob")]);
    assert_eq!(save_me(&app.handler, &long).await.text("id"), "bob");
}

#[tokio::test]
async fn ids_of_different_providers_are_different_callers() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    let of = async |provider: &str| {
        // Only Entra ID's `oid` is what it says.
        let claims = [(LONG_SUB, "7"), ("oid", "ada"), ("name", "Somebody")];
        let me = save_me(&app.handler, &principal_of(provider, &claims)).await;
        me.text("id").to_owned()
    };
    assert_eq!(of("aad").await, "ada");
    assert_eq!(of("google").await, "google~3A7");
    assert_eq!(of("github").await, "github~3A7");
}

#[tokio::test]
async fn an_address_that_the_caller_made_up_is_not_theirs() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    let claims = [
        ("oid", "eve"),
        ("name", "The CEO"),
        ("email", "ceo@contoso.example"),
    ];
    let me = save_me(&app.handler, &principal(&claims)).await;
    assert_eq!(me.expect(StatusCode::CREATED).json["email"], Value::Null);
}

#[tokio::test]
async fn a_malformed_principal_is_refused() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    let encoded = |text: &str| STANDARD.encode(text);
    for malformed in [
        String::new(),
        "%%%".to_owned(),
        encoded(""),
        encoded("{"),
        encoded("null"),
        encoded("{}"),
        encoded(r#"{"claims": [{"typ": "oid", "val": "ada"}]}"#),
        encoded(r#"{"auth_typ": "aad", "claims": 7}"#),
        encoded(r#"{"claims": [{"typ": "oid"}]}"#),
        encoded(&"[".repeat(5_000)),
        STANDARD.encode([0xff, 0xfe]),
        principal(&[]),
        principal(&[("oid", "")]),
        principal(&[("oid", "\u{e4}")]),
        // An app that nobody gave anything.
        principal(&[("oid", "app"), ("azp", "client")]),
        principal(&[("name", "Ada")]),
    ] {
        save_me(&app.handler, &malformed)
            .await
            .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    }
    let missing = app.handler.get("/api/workspaces").await;
    missing.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
}

#[tokio::test]
async fn the_principal_is_not_believed_where_the_platform_does_not_check_it() {
    for enabled in ["", "False"] {
        let settings = [
            ("AUTH_MODE", "easy-auth"),
            ("WEBSITE_AUTH_ENABLED", enabled),
        ];
        let app = App::on(Emulator::start().await.unwrap(), &settings);
        let claims = principal(&[("oid", "ada"), ("name", "Ada")]);
        save_me(&app.handler, &claims)
            .await
            .expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        let ready = app.handler.get("/api/health/ready").await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        let reasons = ready.json["reasons"].to_string();
        assert!(
            reasons.contains("AUTH_MODE `easy-auth` is refused"),
            "{reasons}"
        );
    }
}

#[tokio::test]
async fn addresses_at_other_providers_are_believed_only_if_verified() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    for (provider, name, value, verified, email) in [
        (
            "keycloak",
            "preferred_username",
            "boss@example.com",
            "false",
            Value::Null,
        ),
        ("github", "upn", "boss@example.com", "true", Value::Null),
        ("google", "email", "ada@example.com", "false", Value::Null),
        (
            "google",
            "email",
            "ada@example.com",
            "true",
            json!("ada@example.com"),
        ),
        (
            "aad",
            "upn",
            "ada_example.com#EXT#@contoso.example",
            "",
            Value::Null,
        ),
    ] {
        let claims = [
            ("sub", "7"),
            ("name", "M"),
            (name, value),
            ("email_verified", verified),
        ];
        let me = save_me(&app.handler, &principal_of(provider, &claims)).await;
        assert_eq!(me.json["email"], email, "{provider} {name}");
    }
}

#[tokio::test]
async fn every_subject_can_sign_in_and_has_an_id_that_paths_keep() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    let owner = principal(&[("oid", "ada"), ("name", "Ada")]);
    let made = app.handler.request(Method::POST, "/api/workspaces");
    let made = made
        .header("x-ms-client-principal", &owner)
        .json(&json!({"name": "W"}));
    let workspace = Answer::of(made).await.location();
    let long = "x".repeat(255);
    for subject in [
        "eR9tzLtSQF/hr8Zt=",
        "https://orcid.org/0000?a#b",
        "a b%2F\\~",
        "..",
        &long,
    ] {
        let principal = principal_of("adfs", &[("sub", subject), ("name", "M")]);
        let me = save_me(&app.handler, &principal)
            .await
            .expect(StatusCode::CREATED);
        let id = me.text("id").to_owned();
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        assert!(id.bytes().all(is_unreserved), "{id}");
        assert_eq!(
            save_me(&app.handler, &principal).await.status,
            StatusCode::OK
        );

        let member = format!("{workspace}/members/{id}");
        let put = app.handler.request(Method::PUT, &member);
        let put = put
            .header("x-ms-client-principal", &owner)
            .json(&json!({"role": "viewer"}));
        let put = Answer::of(put).await.expect(StatusCode::CREATED);
        assert_eq!((put.text("userId"), put.location()), (id.as_str(), member));
        let list = format!("{workspace}/members");
        let read = app.handler.request(Method::GET, &list);
        let read = Answer::of(read.header("x-ms-client-principal", &principal)).await;
        let members = read.expect(StatusCode::OK).json["value"].clone();
        let members = members.as_array().unwrap();
        assert!(members.iter().any(|m| m["userId"] == id), "{members:?}");
    }
}

#[tokio::test]
async fn a_role_may_be_asked_for() {
    let settings = [&ENABLED[..], &[("AUTH_REQUIRED_ROLES", "Use")]].concat();
    let app = App::on(Emulator::start().await.unwrap(), &settings);
    let with = [
        ("oid", "ada"),
        ("name", "Ada"),
        ("roles", "Other"),
        ("roles", "Use"),
    ];
    save_me(&app.handler, &principal(&with))
        .await
        .expect(StatusCode::CREATED);
    save_me(&app.handler, &principal(&with[..3]))
        .await
        .expect_problem(StatusCode::FORBIDDEN, "insufficient-permission");
}

#[tokio::test]
async fn a_scope_may_be_asked_for_under_either_of_its_names() {
    let settings = [&ENABLED[..], &[("AUTH_REQUIRED_SCOPE", "Use")]].concat();
    let app = App::on(Emulator::start().await.unwrap(), &settings);
    let mapped = "http://schemas.microsoft.com/identity/claims/scope";
    for (claim, scopes, status) in [
        ("scp", "Read Use", StatusCode::CREATED),
        (mapped, "Use", StatusCode::OK),
        ("scp", "Read", StatusCode::FORBIDDEN),
        (mapped, "Used", StatusCode::FORBIDDEN),
        ("groups", "Use", StatusCode::FORBIDDEN),
    ] {
        let with = [("oid", "ada"), ("name", "Ada"), (claim, scopes)];
        let answer = save_me(&app.handler, &principal(&with)).await;
        assert_eq!(answer.status, status, "{claim} {scopes}");
    }
}

#[tokio::test]
async fn a_name_that_is_too_long_is_cut() {
    let app = App::on(Emulator::start().await.unwrap(), &ENABLED);
    let name = "n".repeat(300);
    let me = save_me(&app.handler, &principal(&[("oid", "ada"), ("name", &name)])).await;
    assert_eq!(
        me.expect(StatusCode::CREATED).text("displayName"),
        "n".repeat(200)
    );
}
