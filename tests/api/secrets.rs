//! Secrets are nowhere to be seen: not in a log, an answer, or the help.

use crate::app::{Answer, App, Handler};
use crate::issuer::{Issuer, KEYS, sign_with};
use crate::receiver::Receiver;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cosmos_emulator::{DropConnection, Emulator, Fault};
use reqwest::Method;
use serde_json::json;
use std::fmt::Write;

const MARK: &str = "M4RKEDs3cret";

/// Sends every method to every route, and to the worst of paths, and returns all that came back.
async fn drive(handler: &Handler, headers: &[(&str, String)]) -> String {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let routes = cosmos_functions::app::routes().into_iter().map(|route| {
        let path = route.path;
        path.replace("{workspaceId}", id)
            .replace("{projectId}", id)
            .replace("{slug}", "a")
            .replace("{userId}", "a")
    });
    let odd = [
        "/api/users?email=a@b",
        "/api/workspaces/%ff",
        "/nowhere",
        "/api/workspaces?limit=0",
    ];
    let mut seen = String::new();
    for path in routes.chain(odd.map(ToOwned::to_owned)) {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let body = json!({"name": "P"});
            let mut request = handler.request(method.clone(), &path).json(&body);
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let answer = Answer::of(request).await;
            writeln!(seen, "{:?} {}", answer.headers, answer.json).unwrap();
        }
    }
    seen
}

#[tokio::test]
async fn a_key_a_token_and_a_principal_are_never_shown() {
    let issuer = Issuer::start().await;
    let forged = sign_with("key-0", &KEYS[1], &issuer.claims(MARK));
    let signature = forged.rsplit('.').next().unwrap().to_owned();
    let key = STANDARD.encode(MARK);
    let principal = STANDARD.encode(json!({"claims": [{"typ": MARK, "val": MARK}]}).to_string());
    let headers = [
        ("authorization", format!("Bearer {forged}")),
        ("x-ms-client-principal", principal.clone()),
        ("cookie", format!("AppServiceAuthSession={MARK}")),
        ("x-functions-key", MARK.to_owned()),
        ("x-dev-user", "ada".to_owned()),
    ];
    for mode in ["jwt", "easy-auth", "dev", "other"] {
        for log in ["info,rest=debug", "trace"] {
            let settings = [
                &issuer.settings()[1..],
                &[
                    ("AUTH_MODE", mode),
                    ("WEBSITE_AUTH_ENABLED", "True"),
                    ("COSMOS_KEY", &key),
                    ("IDENTITY_HEADER", MARK),
                    ("RUST_LOG", log),
                ],
            ]
            .concat();
            let mut app = App::on(Emulator::start().await.unwrap(), &settings);
            let mut seen = drive(&app.handler, &headers).await;
            app.emulator
                .inject(Fault {
                    drop: Some(DropConnection::Before),
                    ..Fault::default()
                })
                .unwrap();
            seen += &drive(&app.handler, &headers[..]).await;
            let (stdout, stderr) = app.handler.printed();
            seen.extend([stdout, stderr]);
            assert!(seen.contains("\"route\""), "there is a log: {seen}");
            for secret in [MARK, &key, &principal, &forged, &signature] {
                assert!(!seen.contains(secret), "{mode} {log}: {secret} in {seen}");
            }
        }
    }
}

#[tokio::test]
async fn what_lets_in_at_a_receiver_of_traces_is_never_shown() {
    let receiver = Receiver::start().await;
    let nobody = "http://127.0.0.1:1";
    for url in [receiver.url.as_str(), nobody] {
        let mut app = App::with(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
            ("OTEL_EXPORTER_OTLP_HEADERS", &format!("api-key={MARK}")),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ("RUST_LOG", "trace"),
        ])
        .await;
        app.user("ada").workspace().await;
        if url == receiver.url {
            receiver.wait(|got| !got.spans.is_empty()).await;
        } else {
            app.handler.complains("ExportError").await;
        }
        let (stdout, stderr) = app.handler.printed();
        for (stream, log) in [("stdout", stdout), ("stderr", stderr)] {
            let shown = log.lines().find(|line| line.contains(MARK));
            assert_eq!(shown, None, "on {stream}");
        }
    }
}

#[test]
fn the_help_shows_no_value() {
    for argument in ["--help", "--version", "--wrong"] {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_handler"))
            .arg(argument)
            .env("COSMOS_KEY", MARK)
            .env("COSMOS_ENDPOINT", MARK)
            .output()
            .unwrap();
        let shown = [ran.stdout, ran.stderr].concat();
        assert!(
            !String::from_utf8(shown).unwrap().contains(MARK),
            "{argument}"
        );
    }
}
