use cosmos_emulator::{Emulator, Fault, Resource};
use functions_host::{Host, Options};
use serde_json::{Value, json};

#[tokio::test]
async fn a_note_is_written_although_storage_throttles() {
    let emulator = Emulator::start().await.unwrap();
    let notes = json!({"id": "notes", "partitionKey": {"paths": ["/owner"], "kind": "Hash"}});
    emulator.define_container("app", &notes).await.unwrap();
    let settings = [("COSMOS_ENDPOINT", emulator.url()), ("COSMOS_KEY", "a2V5".to_owned())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let handler = Some(env!("CARGO_BIN_EXE_handler").into());
    let options = Options { handler, ..Options::default() };
    let host = Host::start_with("app".as_ref(), &settings, options).await.unwrap();

    let throttled = Fault { resource: Some(Resource::Item), status: Some(429), times: Some(2), ..Fault::default() };
    emulator.inject(throttled).unwrap();
    let url = format!("{}/api/notes/ada/1", host.url());
    let written = reqwest::Client::new().put(&url).json(&json!({"text": "Hello"})).send().await.unwrap();
    assert_eq!(written.status(), 204);

    let note: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
    assert_eq!((&note["owner"], &note["text"]), (&json!("ada"), &json!("Hello")));
    assert_eq!(reqwest::get(url.replace("ada", "bob")).await.unwrap().status(), 404);
    assert!(emulator.request_charge() > 0.0);
}
