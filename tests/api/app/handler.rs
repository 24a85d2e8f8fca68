//! The handler's process.

use super::{Answer, User};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use tempfile::NamedTempFile;
use tokio::sync::watch;

/// A trust store with one certificate. The SDK reads the system's at each start of a handler, and in a debug build that
/// takes longer than most tests do.
static TRUST_STORE: LazyLock<PathBuf> = LazyLock::new(|| {
    let nobody = rcgen::generate_simple_self_signed(["nobody.example".to_owned()]).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut file = NamedTempFile::new_in(folder).unwrap();
    file.write_all(nobody.cert.pem().as_bytes()).unwrap();
    let path = folder.join("trust-store.pem");
    file.persist(&path).unwrap();
    path
});

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

impl Handler {
    /// Starts the binary with these settings alone and waits until it listens.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_handler"))
            .env_clear()
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", "0")
            .env("SSL_CERT_FILE", &*TRUST_STORE)
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
        super::request(method, format!("{}{path}", self.url))
    }

    /// A request as the host sends it to run a timer function.
    pub(crate) fn timer(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
            .header("x-azure-functions-invocationid", "run")
            .header("x-azure-functions-hostversion", "4")
            .json(&serde_json::json!({"Data": {}, "Metadata": {}}))
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
