//! The folder of the binary, as the Functions host would find it.

use super::{Report, Staged};
use cosmos_emulator::Emulator;
use serde_json::{Value, json};
use std::fs;

/// An app on an emulator, with something changed in its folder.
async fn examine(change: impl FnOnce(&Staged)) -> Report {
    let (app, emulator) = (Staged::new(), Emulator::start().await.unwrap());
    change(&app);
    app.examine(&super::settings(&emulator.url())).await
}

async fn with_host_json(change: impl FnOnce(&mut Value)) -> Report {
    examine(|app| {
        let file = app.file("host.json");
        let mut host = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        change(&mut host);
        fs::write(file, host.to_string()).unwrap();
    })
    .await
}

#[tokio::test]
async fn without_host_json_there_is_a_command_that_makes_it() {
    let report = examine(|app| fs::remove_file(app.file("host.json")).unwrap()).await;
    let said = report.expect_failure("host-json", &[]);
    assert!(
        said.starts_with("there is no ") && said.ends_with("host.json"),
        "{said}"
    );
    let advice = report.0["checks"][1]["advice"].as_str().unwrap();
    assert!(advice.contains("`cargo xtask stage`"), "{advice}");
}

#[tokio::test]
async fn a_host_json_that_is_not_json_is_found() {
    let report = examine(|app| fs::write(app.file("host.json"), "{").unwrap()).await;
    let said = report.expect_failure("host-json", &[]);
    assert!(said.contains("host.json is not JSON: EOF"), "{said}");
}

#[tokio::test]
async fn what_the_host_must_be_told_is_named() {
    let report = with_host_json(|host| {
        host["customHandler"] = json!({
            "description": {"defaultExecutablePath": "./handler"},
            "enableProxyingHttpRequest": false,
        });
        host["extensions"]["http"]["routePrefix"] = "".into();
    })
    .await;
    assert_eq!(
        report.expect_failure("host-json", &[]),
        "host.json: /customHandler/description/defaultExecutablePath is \"./handler\", should be \"handler\"\n\
         host.json: /customHandler/enableProxyingHttpRequest is false, should be true\n\
         host.json: /extensions/http/routePrefix is \"\", should be \"api\""
    );
}

#[tokio::test]
async fn functions_must_be_where_the_host_looks_for_them() {
    let report = examine(|app| {
        fs::create_dir(app.file("functions")).unwrap();
        for folder in fs::read_dir(xtask::root().join("functions")).unwrap() {
            let name = folder.unwrap().file_name();
            let function = app.file(name.to_str().unwrap());
            fs::rename(function, app.file("functions").join(name)).unwrap();
        }
    })
    .await;
    assert_eq!(
        report.expect_failure("host-json", &[]),
        "no folder beside host.json has a function.json"
    );
}

#[tokio::test]
async fn a_function_without_bindings_is_found() {
    let report = examine(|app| fs::write(app.file("users/function.json"), "{}").unwrap()).await;
    let said = report.expect_failure("host-json", &[]);
    assert!(
        said.ends_with("function.json: there are no bindings"),
        "{said}"
    );
}
