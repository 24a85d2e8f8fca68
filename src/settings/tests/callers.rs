//! How callers are known.

use super::read;
use crate::settings::Settings;
use rest::auth_settings::{AuthMode, JwtSettings, Permissions};

#[test]
fn easy_auth_is_believed_only_where_the_platform_does_it() {
    let mode = |enabled| {
        let pairs = [
            ("AUTH_MODE", "easy-auth"),
            ("WEBSITE_AUTH_ENABLED", enabled),
        ];
        read(&pairs).auth_mode
    };
    let easy_auth = Some(AuthMode::EasyAuth(Permissions::default()));
    assert_eq!(mode("True"), easy_auth);
    assert_eq!(mode("true"), easy_auth);
    for not_enabled in ["", "False", "1", "yes"] {
        assert_eq!(mode(not_enabled), None, "{not_enabled}");
    }
}

#[test]
fn tokens_need_an_issuer_and_an_audience() {
    let settings = read(&[("AUTH_MODE", "jwt"), ("AUTH_ISSUER", "http://example.com")]);
    assert_eq!(settings.auth_mode, None);
    let named = |name: &str| settings.problems.iter().any(|p| p.starts_with(name));
    assert!(named("AUTH_AUDIENCE is missing"));
    assert!(named("AUTH_ISSUER must be the https:// URL"));

    let issuer = "https://login.microsoftonline.com/7A1C9D3E-0000-4000-8000-000000000000/v2.0";
    let settings = read(&[
        ("AUTH_MODE", "jwt"),
        ("AUTH_ISSUER", issuer),
        ("AUTH_AUDIENCE", "api://app, app,"),
    ]);
    let expected = JwtSettings {
        issuer: issuer.replace("7A1C9D3E", "7a1c9d3e"),
        metadata_url: None,
        audiences: vec!["api://app".to_owned(), "app".to_owned()],
        tenants: Vec::new(),
        permissions: Permissions::default(),
    };
    assert_eq!(settings.auth_mode, Some(AuthMode::Jwt(expected)));
}

#[test]
fn what_cannot_recognise_anybody_is_named() {
    const GOOD: &str = "https://login.microsoftonline.com/organizations/v2.0";
    for (name, value) in [
        (
            "AUTH_ISSUER",
            "https://login.microsoftonline.com/<tenant id>/v2.0",
        ),
        (
            "AUTH_ISSUER",
            "https://login.microsoftonline.com/{tenant}/v2.0",
        ),
        (
            "AUTH_ISSUER",
            "https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0",
        ),
        ("AUTH_ISSUER", "https://sts.windows.net/"),
        ("AUTH_TENANT_ID", "contoso.onmicrosoft.com"),
        ("AUTH_TENANT_ID", "<tenant id>"),
        ("AUTH_TENANT_ID", ","),
        ("AUTH_REQUIRED_SCOPE", "<scope>"),
        ("AUTH_REQUIRED_SCOPE", "read write"),
        ("AUTH_REQUIRED_SCOPE", "read,write"),
        ("AUTH_REQUIRED_ROLES", " , "),
        ("AUTH_REQUIRED_ROLES", "<role>"),
        ("AUTH_AUDIENCE", ","),
        ("AUTH_AUDIENCE", "api://<client id>"),
        ("AUTH_METADATA_URL", "http://contoso.b2clogin.com/document"),
        ("AUTH_METADATA_URL", "<document>"),
    ] {
        let settings = Settings::read(|asked| match asked {
            _ if asked == name => Some(value.to_owned()),
            "AUTH_MODE" => Some("jwt".to_owned()),
            "AUTH_ISSUER" => Some(GOOD.to_owned()),
            "AUTH_AUDIENCE" => Some("app".to_owned()),
            _ => None,
        });
        assert_eq!(settings.auth_mode, None, "{name}={value}");
        let named = settings.problems.iter().any(|p| p.starts_with(name));
        assert!(named, "{name}={value}: {:?}", settings.problems);
    }
}

#[test]
fn a_restriction_that_cannot_be_read_is_not_left_out_for_easy_auth_either() {
    let pairs = [
        ("AUTH_MODE", "easy-auth"),
        ("WEBSITE_AUTH_ENABLED", "True"),
        ("AUTH_REQUIRED_ROLES", ","),
    ];
    assert_eq!(read(&pairs).auth_mode, None);
}

#[test]
fn the_discovery_document_may_have_a_query() {
    let document =
        "https://contoso.b2clogin.com/contoso/v2.0/.well-known/openid-configuration?p=B2C_1_in";
    let pairs = [
        ("AUTH_MODE", "jwt"),
        (
            "AUTH_ISSUER",
            "https://contoso.b2clogin.com/7a1c9d3e-0000-4000-8000-000000000000/v2.0/",
        ),
        ("AUTH_AUDIENCE", "app"),
        ("AUTH_METADATA_URL", document),
    ];
    let Some(AuthMode::Jwt(settings)) = read(&pairs).auth_mode else {
        panic!("{:?}", read(&pairs).problems);
    };
    assert_eq!(settings.metadata_url.as_deref(), Some(document));
}

#[test]
fn an_issuer_for_several_tenants_is_a_template() {
    for issuer in ["organizations", "common", "{tenantid}"] {
        let issuer = format!("https://login.microsoftonline.com/{issuer}/v2.0");
        let pairs = [
            ("AUTH_MODE", "jwt"),
            ("AUTH_ISSUER", &issuer),
            ("AUTH_AUDIENCE", "a"),
        ];
        let Some(AuthMode::Jwt(settings)) = read(&pairs).auth_mode else {
            panic!("{issuer} is refused");
        };
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        assert_eq!(settings.issuer_template(), template);
    }
}
