//! Chromium without a window, driven by `chromedriver`.

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use url::{ParseError, Url};

pub(crate) struct Chromium {
    driver: Child,
    client: Client,
}

/// A command that only this driver has.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base_url: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base_url.join(&format!("session/{session}/{}", self.0))
    }

    fn method_and_body(&self, _url: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is installed");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver names its port");
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { driver, client }
    }

    /// The width of the window and the colours its user prefers.
    pub(crate) async fn look(&self, width: u32, scheme: &str) {
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let prefers = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", prefers).await;
    }

    pub(crate) async fn open(&self, url: &str) -> &Client {
        self.client.goto("about:blank").await.unwrap();
        self.client.goto(url).await.unwrap();
        &self.client
    }

    /// Whether the text of an element is light.
    pub(crate) async fn is_dark(&self, element: &str) -> bool {
        let colour = "return getComputedStyle(document.querySelector(arguments[0])).color";
        let element = vec![json!(element)];
        let colour = self.client.execute(colour, element).await.unwrap();
        let red = colour.as_str().unwrap().trim_start_matches("rgb(");
        let red: u32 = red.split(',').next().unwrap().parse().unwrap();
        red > 127
    }

    /// Pixels that can be seen only by scrolling sideways.
    pub(crate) async fn wider_than_its_window(&self) -> u64 {
        let wider = "return document.documentElement.scrollWidth - window.innerWidth";
        let wider = self.client.execute(wider, Vec::new()).await.unwrap();
        u64::try_from(wider.as_i64().unwrap().max(0)).unwrap()
    }

    /// What the console says since it was last asked, errors of scripts and refused content included.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser").await;
        entries.iter().map(ToString::to_string).collect()
    }

    /// The URLs of all requests since this was last asked.
    pub(crate) async fn requested(&self) -> Vec<String> {
        let entries = self.log("performance").await;
        let messages = entries.iter().map(|entry| {
            serde_json::from_str::<Value>(entry["message"].as_str().unwrap()).unwrap()
        });
        messages
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .map(|event| event["message"]["params"]["request"]["url"].clone())
            .map(|url| url.as_str().unwrap().to_owned())
            .filter(|url| url != "about:blank")
            .collect()
    }

    /// Keeps what is seen as a picture when the environment names a folder for it, for people to look at.
    pub(crate) async fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("PICTURES") {
            let picture = self.client.screenshot().await.unwrap();
            std::fs::write(Path::new(&folder).join(name), picture).unwrap();
        }
    }

    pub(crate) async fn close(self) {
        self.client.clone().close().await.unwrap();
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let log = Own("se/log", json!({"type": kind}));
        let log = self.client.issue_cmd(log).await.unwrap();
        log.as_array().unwrap().clone()
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let command = json!({"cmd": command, "params": parameters});
        let command = Own("goog/cdp/execute", command);
        self.client.issue_cmd(command).await.unwrap();
    }
}

/// No sandbox, as containers have no rights to make one; and nothing that Chromium asks of its makers.
fn capabilities() -> Capabilities {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];
    let capabilities = json!({
        "goog:chromeOptions": {"args": arguments},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    });
    capabilities.as_object().unwrap().clone()
}

impl Drop for Chromium {
    /// With the browser, which would outlive it.
    fn drop(&mut self) {
        let group = format!("-{}", self.driver.id());
        let _already_gone = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _status = self.driver.wait();
    }
}
