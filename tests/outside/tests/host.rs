use cosmos_emulator::Emulator;
use functions_host::{Host, Options};
use serde_json::json;

#[tokio::test]
async fn the_handler_survives_what_the_host_does_to_it() {
    let emulator = Emulator::start().await.unwrap();
    let notes = json!({"id": "notes", "partitionKey": {"paths": ["/owner"], "kind": "Hash"}});
    emulator.define_container("app", &notes).await.unwrap();
    let endpoint = emulator.url();
    let settings = [("COSMOS_ENDPOINT", endpoint.as_str()), ("COSMOS_KEY", "a2V5")];
    let handler = Some(env!("CARGO_BIN_EXE_handler").into());
    let options = Options { handler, ..Options::default() };
    let host = Host::start_with("app".as_ref(), &settings, options).await.unwrap();

    let swept = host.invoke("sweep", json!({})).await.unwrap();
    assert_eq!(swept.logs, ["swept"]);

    let url = format!("{}/api/notes/ada/1", host.url());
    let put = || reqwest::Client::new().put(&url).json(&json!({"text": "Hello"}));
    assert_eq!(put().send().await.unwrap().status(), 204);
    host.kill();
    host.restart().await.unwrap();
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
    host.break_connection_once();
    assert_eq!(put().send().await.unwrap().status(), 500);
    assert_eq!(put().send().await.unwrap().status(), 204);
}
