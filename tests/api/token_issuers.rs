//! What tokens of different issuers say about callers: permissions, addresses, tenants.

use crate::app::Answer;
use crate::issuer::{Issuer, TENANT, sign};
use crate::tokens::{ask_with, changed, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_scope_or_a_role_may_be_asked_for() {
    let issuer = Issuer::start().await;
    let needed = [
        ("AUTH_REQUIRED_SCOPE", "Projects.Use"),
        ("AUTH_REQUIRED_ROLES", "Projects.All, Projects.Some"),
    ];
    let app = start(&issuer, &needed).await;
    for (change, status) in [
        (json!({"scp": "openid Projects.Use"}), StatusCode::OK),
        (
            json!({"scp": null, "roles": ["Projects.Some"]}),
            StatusCode::OK,
        ),
        (json!({"scp": "Projects.Use.Not"}), StatusCode::FORBIDDEN),
        (
            json!({"scp": "other", "roles": ["Projects"]}),
            StatusCode::FORBIDDEN,
        ),
    ] {
        let token = sign(&changed(issuer.claims("ada"), &change));
        let answer = ask_with(&app, &token).await;
        assert_eq!(answer.status, status, "{change}");
        if status == StatusCode::FORBIDDEN {
            let refused = answer.expect_problem(status, "insufficient-permission");
            assert!(
                refused
                    .header("www-authenticate")
                    .contains("insufficient_scope")
            );
        }
    }
}

#[tokio::test]
async fn an_address_is_believed_if_the_issuer_stands_for_it() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    for (n, (change, email)) in [
        (
            json!({"preferred_username": "guest_example.com#EXT#@contoso.example"}),
            Value::Null,
        ),
        (
            json!({"preferred_username": null, "unique_name": "live.com#ada@example.com"}),
            Value::Null,
        ),
        (json!({"tid": null}), Value::Null),
        (json!({"tid": null, "email": "a@example.com"}), Value::Null),
        (
            json!({"tid": null, "email": "a@example.com", "email_verified": false}),
            Value::Null,
        ),
        (
            json!({"tid": null, "email": "a@example.com", "email_verified": true}),
            json!("a@example.com"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let token = sign(&changed(issuer.claims(&format!("user-{n}")), &change));
        let put = app.handler.request(Method::PUT, "/api/users/me");
        let me = Answer::of(put.bearer_auth(&token).json(&json!({}))).await;
        assert_eq!(
            me.expect(StatusCode::CREATED).json["email"],
            email,
            "{change}"
        );
    }
}

#[tokio::test]
async fn an_issuer_for_several_tenants_is_asked_below_organizations() {
    let issuer = Issuer::start().await;
    issuer.call_itself(&format!("{}/{{tenantid}}", issuer.url));
    let other = "11111111-0000-4000-8000-000000000000";
    let of = |tenant: &str| {
        let iss = format!("{}/{tenant}", issuer.url);
        sign(&changed(
            issuer.claims("ada"),
            &json!({"iss": iss, "tid": tenant}),
        ))
    };
    for as_set in ["organizations", "{tenantid}"] {
        let as_set = format!("{}/{as_set}", issuer.url);
        let app = start(&issuer, &[("AUTH_ISSUER", &as_set)]).await;
        ask_with(&app, &of(TENANT)).await.expect(StatusCode::OK);
        ask_with(&app, &of(other)).await.expect(StatusCode::OK);
        let forged = json!({"iss": format!("{}/{TENANT}", issuer.url), "tid": other});
        let forged = sign(&changed(issuer.claims("ada"), &forged));
        let refused = ask_with(&app, &forged).await;
        refused.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");

        let upper = TENANT.to_uppercase();
        let app = start(
            &issuer,
            &[("AUTH_ISSUER", &as_set), ("AUTH_TENANT_ID", &upper)],
        )
        .await;
        ask_with(&app, &of(TENANT)).await.expect(StatusCode::OK);
        let refused = ask_with(&app, &of(other)).await;
        refused.expect_problem(StatusCode::UNAUTHORIZED, "unauthenticated");
    }
}

#[tokio::test]
async fn the_discovery_document_may_be_elsewhere_and_keys_of_no_known_kind_do_no_harm() {
    let issuer = Issuer::start().await;
    issuer.call_itself("https://contoso.b2clogin.com/v2.0/");
    for entry in [
        json!(7),
        json!({"kid": 7, "kty": "RSA"}),
        json!({"kty": "new", "kid": "x"}),
    ] {
        issuer.add_entry(entry);
    }
    let url = format!("{}/policy/.well-known/openid-configuration", issuer.url);
    let settings = [
        ("AUTH_ISSUER", "https://contoso.b2clogin.com/v2.0/"),
        ("AUTH_METADATA_URL", url.as_str()),
    ];
    let app = start(&issuer, &settings).await;
    let iss = json!({"iss": "https://contoso.b2clogin.com/v2.0/"});
    let token = sign(&changed(issuer.claims("ada"), &iss));
    ask_with(&app, &token).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn without_keys_the_app_is_not_ready() {
    let issuer = Issuer::start().await;
    let app = start(&issuer, &[]).await;
    while app.handler.get("/api/health/ready").await.status != StatusCode::OK {}
    let unknown = Issuer::start().await;
    unknown.call_itself("https://login.example");
    let app = start(&unknown, &[]).await;
    let ready = app.handler.get("/api/health/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        ready.json.to_string().contains("https://login.example"),
        "{:?}",
        ready.json
    );
}
