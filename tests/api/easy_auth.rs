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
    assert_eq!(of("google").await, "google:7");
    assert_eq!(of("github").await, "github:7");
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
        principal(&[("oid", "a/b")]),
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
