//! `handler doctor`, in a staged app: all is well, and each thing that is not.

mod account;
mod network;
mod folder;

use crate::app::settings;
use crate::issuer::Issuer;
use cosmos_emulator::{DropConnection, Emulator, Fault, Resource};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

const CHECKS: [&str; 12] = [
    "settings",
    "host-json",
    "dns",
    "tls",
    "clock",
    "identity",
    "container",
    "partition-key",
    "ttl",
    "indexing",
    "write-region",
    "callers",
];

/// `dist/app`, somewhere else.
struct Staged(TempDir);

impl Staged {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let app = Self(folder);
        let stand_in = xtask::root().join("host.json");
        xtask::stage::stage(xtask::root(), &stand_in, &app.file("")).unwrap();
        // A link, not a copy: a file just written cannot be run while another test starts a process.
        std::fs::remove_file(app.file("handler")).unwrap();
        std::fs::hard_link(env!("CARGO_BIN_EXE_handler"), app.file("handler")).unwrap();
        app
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join("app").join(name)
    }

    async fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        let mut handler = Command::new(self.file("handler"));
        handler
            .args(arguments)
            .env_clear()
            .envs(settings.iter().copied());
        let run = tokio::task::spawn_blocking(move || handler.output());
        run.await.unwrap().unwrap()
    }

    async fn examine(&self, settings: &[(&str, &str)]) -> Report {
        let run = self.run(&["doctor", "--json"], settings).await;
        assert!(run.stderr.is_empty(), "{run:?}");
        let json: Value = serde_json::from_slice(&run.stdout).expect("JSON alone");
        let report = Report(json);
        let failed = !report.named("failed").is_empty();
        assert_eq!(run.status.code(), Some(i32::from(failed)));
        assert_eq!(report.0["ok"], !failed);
        report
    }
}

/// What `--json` prints.
#[derive(Debug)]
struct Report(Value);

impl Report {
    fn checks(&self) -> &Vec<Value> {
        self.0["checks"].as_array().unwrap()
    }

    /// The names of checks with this status.
    fn named(&self, status: &str) -> Vec<&str> {
        let checks = self.checks().iter();
        checks
            .filter(|check| check["status"] == status)
            .map(|check| check["name"].as_str().unwrap())
            .collect()
    }

    /// What a check says.
    fn detail(&self, name: &str) -> &str {
        let check = self.checks().iter().find(|check| check["name"] == name);
        check.unwrap()["detail"].as_str().unwrap()
    }

    /// Checks that this alone failed, with advice, and that these wait for it.
    #[track_caller]
    fn expect_failure(&self, name: &str, skipped: &[&str]) -> &str {
        assert_eq!(self.named("failed"), [name], "{self:#?}");
        assert_eq!(self.named("skipped"), skipped, "{self:#?}");
        for check in self.checks() {
            let has_advice = check["advice"].is_string();
            assert_eq!(has_advice, check["status"] == "failed", "{check}");
            if check["status"] == "skipped" {
                assert_eq!(check["detail"], format!("waits for {name}"));
            }
        }
        self.detail(name)
    }
}

/// The settings of an app on the emulator at this URL, with some changed or added.
fn with<'a>(emulator: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [settings(emulator), more.to_vec()].concat()
}

#[tokio::test]
async fn nothing_is_wrong_with_the_staged_app_on_the_emulator() {
    let emulator = Emulator::start().await.unwrap();
    let report = Staged::new().examine(&settings(&emulator.url())).await;
    assert_eq!(report.named("ok"), CHECKS, "{report:#?}");
    assert!(report.detail("settings").contains("container items"));
    assert_eq!(
        report.detail("identity"),
        "a key, as an emulator on loopback takes it"
    );
}

#[tokio::test]
async fn it_only_reads() {
    let emulator = Emulator::start().await.unwrap();
    let app = Staged::new();
    app.examine(&settings(&emulator.url())).await;
    for missing in ["COSMOS_DATABASE_NAME", "COSMOS_CONTAINER_ID"] {
        let url = emulator.url();
        app.examine(&with(&url, &[(missing, "elsewhere")])).await;
    }
    let requests = emulator.requests();
    assert!(requests.total > 10, "{requests:#?}");
    let others = requests.counts.iter().find(|count| count.method != "GET");
    assert_eq!(others, None);
}

#[tokio::test]
async fn people_read_a_table() {
    let emulator = Emulator::start().await.unwrap();
    let app = Staged::new();
    let url = emulator.url();
    let run = app.run(&["doctor"], &settings(&url)).await;
    let table = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{table}");
    assert!(table.ends_with("\nall 12 checks are ok\n"), "{table}");
    for (line, name) in table.lines().zip(CHECKS) {
        assert_eq!(&line[..9], "ok       ", "{line}");
        assert_eq!(line[9..24].trim_end(), name);
        assert!(line[24..].starts_with(|start: char| start != ' '), "{line}");
    }

    let run = app.run(&["doctor"], &[]).await;
    let table = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.status.code(), Some(1));
    let first: Vec<_> = table.lines().take(5).collect();
    assert_eq!(
        first[..4],
        [
            "failed   settings       COSMOS_ENDPOINT is missing",
            "                        COSMOS_DATABASE_NAME is missing",
            "                        COSMOS_CONTAINER_ID is missing",
            "                        AUTH_MODE is missing: protected routes answer 401",
        ]
    );
    assert!(
        first[4].starts_with("                        → Change"),
        "{table}"
    );
    let end =
        "\nskipped  callers        waits for settings\n\n1 of 12 checks failed, 10 wait for them\n";
    assert!(table.ends_with(end), "{table}");
}

#[tokio::test]
async fn a_wrong_setting_is_named_and_the_rest_is_checked_all_the_same() {
    let emulator = Emulator::start().await.unwrap();
    let (app, url) = (Staged::new(), emulator.url());
    for (name, value, said) in [
        (
            "AUTH_MODE",
            "",
            "AUTH_MODE is missing: protected routes answer 401",
        ),
        (
            "AUTH_MODE",
            "none",
            "AUTH_MODE must be `easy-auth`, `jwt` or `dev`",
        ),
        (
            "RUST_LOG",
            "a=b=c",
            "RUST_LOG must be a log filter such as `info`; `info` is used instead",
        ),
    ] {
        let report = app.examine(&with(&url, &[(name, value)])).await;
        let waits: &[&str] = if name == "AUTH_MODE" {
            &["callers"]
        } else {
            &[]
        };
        assert_eq!(report.expect_failure("settings", waits), said);
    }
}

#[tokio::test]
async fn without_an_account_nothing_of_it_is_checked() {
    let app = Staged::new();
    let all = app.examine(&[("AUTH_MODE", "dev")]).await;
    assert_eq!(
        all.expect_failure("settings", &CHECKS[2..11])
            .lines()
            .count(),
        3
    );
    let refused = app.examine(&settings("https://account.invalid")).await;
    let said = refused.expect_failure("settings", &CHECKS[2..]);
    assert!(said.contains("COSMOS_KEY is refused"), "{said}");
    assert!(said.contains("AUTH_MODE `dev` is refused"), "{said}");
}

#[tokio::test]
async fn a_secret_is_never_printed() {
    const MARK: &str = "M4RKEDs3cret";
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.url().replace("://", &format!("://{MARK}:{MARK}@"));
    // The key is not base64, so the account's client refuses it; a token is refused by a fault.
    let identity = crate::identity::Identity::start(3_600).await;
    let key = with(&url, &[("COSMOS_KEY", MARK), ("RUST_LOG", "trace")]);
    let mut token = with(&url, &crate::identity::settings(&identity, "prod"));
    token.extend([("IDENTITY_HEADER", MARK)]);
    let app = Staged::new();
    let dropped = Some(DropConnection::Before);
    for (status, drop) in [(None, None), (Some(403), None), (None, dropped)] {
        emulator.clear_faults();
        if status.is_some() || drop.is_some() {
            let fault = Fault {
                resource: Some(Resource::Container),
                status,
                drop,
                ..Fault::default()
            };
            emulator.inject(fault).unwrap();
        }
        for settings in [&key, &token] {
            for arguments in [&["doctor"][..], &["doctor", "--json"]] {
                let run = app.run(arguments, settings).await;
                let shown = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
                assert!(shown.contains("identity"), "{shown}");
                for secret in [MARK, "token-"] {
                    assert!(!shown.contains(secret), "{shown}");
                }
            }
        }
    }
}

#[tokio::test]
async fn arguments_it_does_not_know_are_another_status() {
    let run = Staged::new().run(&["doctor", "--fix"], &[]).await;
    assert_eq!(run.status.code(), Some(2));
}

#[tokio::test]
async fn the_issuer_of_tokens_is_asked_for_its_keys() {
    let (emulator, issuer) = (Emulator::start().await.unwrap(), Issuer::start().await);
    let (app, url) = (Staged::new(), emulator.url());
    let report = app.examine(&with(&url, &issuer.settings())).await;
    assert_eq!(report.named("ok"), CHECKS, "{report:#?}");
    assert!(report.detail("callers").contains("1 signing keys"));

    issuer.call_itself("https://login.example");
    let report = app.examine(&with(&url, &issuer.settings())).await;
    let said = report.expect_failure("callers", &[]);
    assert!(said.contains("https://login.example"), "{said}");
}
