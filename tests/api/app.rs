//! A handler of its own for each test, on an emulator of its own.

use crate::contract;
use cosmos_emulator::Emulator;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// The real binary, running.
pub(crate) struct Handler {
    process: Child,
    url: String,
    stdout: Log,
    stderr: Log,
    readers: Vec<JoinHandle<()>>,
}

/// What a handler prints on one stream.
#[derive(Default)]
struct Log(Arc<watch::Sender<String>>);

impl Log {
    /// Reads until the end: a full pipe would stop the handler.
    fn collect(
        &self,
        stream: impl Read + Send + 'static,
        each: impl Fn(&str) + Send + 'static,
    ) -> JoinHandle<()> {
        let log = Arc::clone(&self.0);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                each(&line);
                log.send_modify(|log| {
                    log.push_str(&line);
                    log.push('\n');
                });
            }
        })
    }
}

/// A handler with its emulator.
pub(crate) struct App {
    pub(crate) handler: Handler,
    pub(crate) emulator: Emulator,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// Null when the body is something else.
    pub(crate) json: Value,
}

/// One user's view of the API.
pub(crate) struct User<'a> {
    handler: &'a Handler,
    id: &'a str,
}

impl Handler {
    /// Starts the binary with these settings alone and waits until it listens.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        // For the clients of tests.
        custom_handler::tls::install();
        let mut process = Command::new(env!("CARGO_BIN_EXE_handler"))
            .env_clear()
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", "0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the handler starts");
        let (stdout, stderr) = (Log::default(), Log::default());
        let (listening, address) = mpsc::channel();
        let of_stdout = stdout.collect(process.stdout.take().unwrap(), move |line| {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            if line["message"] == "listening" {
                listening.send(line["address"].clone()).unwrap();
            }
        });
        let of_stderr = stderr.collect(process.stderr.take().unwrap(), |_line| {});
        let address = address.recv().expect("the handler listens");
        Self {
            process,
            url: format!("http://{}", address.as_str().unwrap()),
            stdout,
            stderr,
            readers: vec![of_stdout, of_stderr],
        }
    }

    /// Waits until it has printed this on stderr.
    pub(crate) async fn complains(&self, text: &str) {
        let mut log = self.stderr.0.subscribe();
        let printed = log.wait_for(|log| log.contains(text)).await;
        printed.expect("the log is kept");
    }

    /// Waits until it has printed this on stdout.
    pub(crate) async fn says(&self, text: &str) {
        let mut log = self.stdout.0.subscribe();
        let printed = log.wait_for(|log| log.contains(text)).await;
        printed.expect("the log is kept");
    }

    /// Kills it. Returns all it has printed, on stdout and on stderr.
    pub(crate) fn printed(&mut self) -> (String, String) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let read = |log: &Log| log.0.borrow().clone();
        (read(&self.stdout), read(&self.stderr))
    }

    /// Asks it to stop, as containers do, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.unwrap().success());
        self.process.wait().unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        reqwest::Client::new().request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn user<'a>(&'a self, id: &'a str) -> User<'a> {
        User { handler: self, id }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The most memory it has had, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _status = self.process.wait();
    }
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::on(Emulator::start().await.unwrap(), &[])
    }

    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        Self::on(Emulator::start().await.unwrap(), more)
    }

    pub(crate) fn on(emulator: Emulator, more: &[(&str, &str)]) -> Self {
        let url = emulator.url();
        let mut settings = settings(&url);
        settings.extend(more);
        Self {
            handler: Handler::start(&settings),
            emulator,
        }
    }

    pub(crate) fn user<'a>(&'a self, id: &'a str) -> User<'a> {
        self.handler.user(id)
    }

    /// One more instance of the handler, on the same container.
    pub(crate) fn another(&self) -> Handler {
        Handler::start(&settings(&self.emulator.url()))
    }
}

/// The settings of a handler that takes callers at their word.
pub(crate) fn settings(emulator: &str) -> Vec<(&str, &str)> {
    vec![
        ("COSMOS_ENDPOINT", emulator),
        ("COSMOS_DATABASE_NAME", "app"),
        ("COSMOS_CONTAINER_ID", "items"),
        ("COSMOS_KEY", "bG9jYWw="),
        // As in Azure.
        ("AZURE_COSMOS_BINARY_ENCODING_ENABLED", "true"),
        ("AUTH_MODE", "dev"),
    ]
}

impl User<'_> {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.handler
            .request(method, path)
            .header("x-dev-user", self.id)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// A new workspace; returns its path.
    pub(crate) async fn workspace(&self) -> String {
        let made = self
            .post("/api/workspaces", json!({"name": "Workspace"}))
            .await;
        made.expect(StatusCode::CREATED).location()
    }

    /// A new project in the workspace at this path; returns it.
    pub(crate) async fn project(&self, workspace: &str, body: Value) -> Answer {
        let made = self.post(&format!("{workspace}/projects"), body).await;
        made.expect(StatusCode::CREATED)
    }

    /// Follows a list to its end; returns the items of each page.
    pub(crate) async fn pages(&self, first: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut next = Some(first.to_owned());
        while let Some(link) = next {
            let page = self.get(&link).await.expect(StatusCode::OK);
            pages.push(page.json["value"].as_array().unwrap().clone());
            next = page.json["nextLink"].as_str().map(ToOwned::to_owned);
        }
        pages
    }
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let asked = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a whole answer");
        let is_json = headers
            .get("content-type")
            .is_some_and(|kind| kind.to_str().unwrap().ends_with("json"));
        let json = match body.as_ref() {
            json if is_json => serde_json::from_slice(json).expect("JSON"),
            _ => Value::Null,
        };
        let answer = Self {
            status,
            headers,
            json,
        };
        contract::expect_described(&asked.0, &asked.1, &answer);
        answer
    }

    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Checks that this is a problem detail in the form every caller may count on.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: StatusCode, code: &str) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["code"], code, "{self:#?}");
        assert_eq!(self.json["status"], status.as_u16());
        assert_eq!(
            self.json["type"],
            format!("/api/docs/problems/{code}").as_str()
        );
        for text in ["title", "detail", "instance"] {
            assert!(!self.json[text].as_str().unwrap().is_empty(), "{text}");
        }
        let waits = matches!(status.as_u16(), 429 | 503);
        assert!(!waits || self.headers.contains_key("retry-after"));
        self
    }

    /// The pointers of a 422.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.json["errors"].as_array().unwrap();
        let pointers = errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap());
        pointers.collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> String {
        self.header("location").to_owned()
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap()
    }

    pub(crate) fn etag(&self) -> &str {
        self.header("etag")
    }
}
