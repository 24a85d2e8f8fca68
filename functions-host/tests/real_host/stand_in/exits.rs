//! How the host starts the handler, and what it makes of its exits.

use super::{PROXYING, SETTINGS, app, echoed, get, host, write_script};
use functions_host::{Host, Options, Severity};
use std::fs;
use std::time::Duration;
use tokio::time::timeout;

const BRIEF: Options = Options {
    port: 0,
    proxies: true,
    start_limit: Duration::from_millis(500),
    answer_limit: Duration::from_mins(4),
    handler: None,
    on_terminal: false,
};

#[tokio::test]
async fn lines_get_the_hosts_severity_and_settings_are_passed() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let greeting = host.logs().line_with("greeting: hello").await.unwrap();
    assert_eq!(greeting.severity, Severity::Information);
    assert_eq!(greeting.category, "Host.Function.Console");
    let warning = host.logs().line_with("this is a warning").await.unwrap();
    assert_eq!(warning.severity, Severity::Warning);
}

#[tokio::test]
async fn readiness_is_asked_for_with_a_host_header_alone_and_early_requests_wait() {
    let app = app(PROXYING);
    let ready = app.path().join("ready");
    let settings = [SETTINGS[0], ("LISTEN_WHEN", ready.to_str().unwrap())];
    let host = Host::begin(app.path(), &settings, Options::default())
        .await
        .unwrap();
    host.logs().line_with("greeting").await.unwrap();
    let mut early = tokio::spawn(reqwest::get(format!("{}/api/echo", host.url())));
    host.logs().line_with("Executing").await.unwrap();
    let answered = timeout(BRIEF.start_limit, &mut early).await;
    assert!(answered.is_err(), "{answered:?}");
    fs::write(&ready, "").unwrap();
    assert_eq!(early.await.unwrap().unwrap().status(), 200);
    let polled = host.logs().line_with("called GET / ").await.unwrap();
    assert_eq!(polled.text, "called GET / with host");
}

#[tokio::test]
async fn any_answer_means_ready() {
    let app = app(PROXYING);
    let patient = Options {
        start_limit: Duration::from_secs(10),
        ..Options::default()
    };
    let unwell = [SETTINGS[0], ("UNWELL", "1")];
    let host = Host::start_with(app.path(), &unwell, patient);
    let host = host.await.unwrap();
    assert_eq!(get(&host, "/api/echo").await.status(), 200);
}

#[tokio::test]
async fn the_handler_runs_in_the_root_of_the_app_and_is_told_its_port_and_its_id() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let process = reqwest::Client::new().get(format!("{}/api/echo?process=1", host.url()));
    let process = echoed(process).await;
    let root = app.path().canonicalize().unwrap();
    assert_eq!(process["folder"], root.to_str().unwrap());
    let environment = &process["environment"];
    assert_eq!(
        environment["FUNCTIONS_APP_ROOT_PATH"],
        app.path().to_str().unwrap()
    );
    let port = host.handler_url().replace("http://127.0.0.1:", "");
    let id = &environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"];
    assert!(id.as_str().is_some_and(|id| !id.is_empty()), "{id}");
    assert_eq!(environment["FUNCTIONS_CUSTOMHANDLER_PORT"], port.as_str());
    assert_eq!(environment["FUNCTIONS_HTTPWORKER_PORT"], port.as_str());
    assert_eq!(&environment["FUNCTIONS_HTTPWORKER_ID"], id);
}

#[tokio::test]
async fn an_app_that_asks_for_forwarding_is_refused() {
    let app = app(r#""enableForwardingHttpRequest": true,"#);
    let refused = Host::begin(app.path(), &SETTINGS, BRIEF).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "this host does not forward"
    );
}

#[tokio::test]
async fn a_port_set_by_hand_is_overridden() {
    let app = app(PROXYING);
    let settings = [SETTINGS[0], ("FUNCTIONS_CUSTOMHANDLER_PORT", "1")];
    Host::start(app.path(), &settings).await.unwrap();
}

#[tokio::test]
async fn a_handler_that_never_listens_is_tried_three_times() {
    let app = app(PROXYING);
    let settings = [SETTINGS[0], ("LISTEN_WHEN", "/never")];
    let host = Host::begin(app.path(), &settings, BRIEF).await.unwrap();
    assert_eq!(get(&host, "/api/echo").await.status(), 500);
    assert_eq!(host.exits().len(), 3);
}

#[tokio::test]
async fn a_binary_that_cannot_run_makes_requests_hang() {
    let app = app(PROXYING);
    fs::remove_file(app.path().join("handler")).unwrap();
    let host = Host::begin(app.path(), &SETTINGS, BRIEF).await.unwrap();
    let asked = tokio::spawn(reqwest::get(format!("{}/api/echo", host.url())));
    let failed = host
        .logs()
        .line_with("Failed to start Worker Channel")
        .await;
    assert_eq!(failed.unwrap().severity, Severity::Error);
    tokio::time::sleep(BRIEF.start_limit).await;
    assert!(!asked.is_finished());
}

#[tokio::test]
async fn exit_code_0_is_taken_as_intended_and_never_restarted() {
    let app = app(PROXYING);
    let host = host(&app).await;
    assert_eq!(get(&host, "/api/echo?exit=0").await.status(), 500);
    assert_eq!(get(&host, "/api/echo").await.status(), 500);
    assert_eq!(host.exits()[0].code(), Some(0));
    assert_eq!(host.exits().len(), 1);
}

#[tokio::test]
async fn exit_code_200_is_restarted_and_not_counted() {
    let app = app(PROXYING);
    let host = host(&app).await;
    for restart in 0..4 {
        let once = app.path().join(restart.to_string());
        let path = format!("/api/echo?exit=200&once={}", once.display());
        assert_eq!(get(&host, &path).await.status(), 200);
    }
    assert_eq!(host.exits().len(), 4);
}

#[tokio::test]
async fn any_other_exit_is_restarted_and_the_third_stops_the_host() {
    let app = app(PROXYING);
    let host = host(&app).await;
    for restart in 0..2 {
        let once = app.path().join(restart.to_string());
        let path = format!("/api/echo?exit=7&once={}", once.display());
        assert_eq!(get(&host, &path).await.status(), 200);
    }
    get(&host, "/api/echo?exit=7").await;
    assert_eq!(get(&host, "/api/echo").await.status(), 500);
    assert_eq!(host.exits().len(), 3);
}

#[tokio::test]
async fn sigterm_to_the_handler_alone_leaves_the_host_up() {
    let app = app(PROXYING);
    let host = host(&app).await;
    assert!(host.signal("-TERM").await.unwrap().success());
    assert!(host.logs().to_string().contains("Error: drained"));
    assert_eq!(get(&host, "/api/echo").await.status(), 500);
}

#[tokio::test]
async fn the_host_stops_by_letting_requests_finish_and_then_kills() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let finish = app.path().join("finish");
    let url = format!("{}/api/echo", host.url());
    let running = tokio::spawn(reqwest::get(format!("{url}?wait={}", finish.display())));
    host.logs().line_with("waiting").await.unwrap();
    let stopping = tokio::spawn(host.stop());
    until_refused(&url).await;
    fs::write(finish, "").unwrap();
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    // Killed without a word: it did not drain.
    assert!(!stopping.await.unwrap().to_string().contains("drained"));
}

/// Waits until nothing listens there.
pub(super) async fn until_refused(url: &str) {
    let refused = async { while reqwest::get(url).await.is_ok() {} };
    timeout(Duration::from_secs(30), refused).await.unwrap();
}

#[tokio::test]
async fn requests_outlive_a_restart() {
    let app = app(PROXYING);
    let host = host(&app).await;
    let request = reqwest::Client::new().get(format!("{}/api/echo", host.url()));
    let handler = host.handler_url();
    host.kill();
    let (answer, restarted) = tokio::join!(echoed(request), host.restart());
    restarted.unwrap();
    assert_eq!(answer["method"], "GET");
    assert_eq!(host.handler_url(), handler);
}

#[tokio::test]
async fn a_handler_that_ends_at_once_is_told_with_what_it_said() {
    let app = app("");
    write_script(&app.path().join("handler"), "echo no >&2; exit 3");
    let started = Host::start(app.path(), &SETTINGS).await;
    let error = started.unwrap_err().to_string();
    assert!(
        error.contains("ExitStatus(unix_wait_status(768))"),
        "{error}"
    );
    assert!(error.contains("Error: no"), "{error}");
}
