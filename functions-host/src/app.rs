//! A staged app, read as the host reads it.

use super::functions::{Function, route};
use super::logs::LogLevels;
use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder that is deployed: `host.json` and one folder for each function.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) folder: PathBuf,
    pub(crate) functions: Vec<Function>,
    pub(crate) log_levels: LogLevels,
    host: HostJson,
}

/// How requests reach the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Almost unchanged.
    Proxy,
    /// As JSON, at `/<FunctionName>`.
    Envelope,
}

impl App {
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let host: Value = serde_json::from_str(&read(&folder.join("host.json"))?)?;
        let forwarding = &host["customHandler"]["enableForwardingHttpRequest"];
        // Chunked bodies fail there, and callers reach every trigger.
        ensure!(forwarding.is_null(), "this host does not forward");
        Ok(Self {
            folder: folder.to_owned(),
            functions: read_functions(folder)?,
            log_levels: LogLevels::of(&host)?,
            host: serde_json::from_value(host).context("host.json")?,
        })
    }

    pub(crate) fn executable(&self) -> PathBuf {
        let path = &self.host.custom_handler.description.default_executable_path;
        self.folder.join(path)
    }

    /// The function that a request is for, with the path's parameters.
    pub(crate) fn function(
        &self,
        method: &str,
        path: &str,
    ) -> Option<(&Function, Vec<(String, String)>)> {
        let path = self.below_prefix(path)?;
        let function = route(&self.functions, path).filter(|function| function.takes(method))?;
        Some((function, function.parameters(path)?))
    }

    fn below_prefix<'p>(&self, path: &'p str) -> Option<&'p str> {
        let prefix = &self.host.extensions.http.route_prefix;
        let (start, below) = path.strip_prefix('/')?.split_at_checked(prefix.len())?;
        let ends = below.is_empty() || below.starts_with('/');
        (start.eq_ignore_ascii_case(prefix) && ends).then_some(below)
    }

    /// Functions with more than HTTP bindings always get the envelope.
    pub(crate) fn mode(&self, function: &Function, older_host: bool) -> Mode {
        let handler = &self.host.custom_handler;
        let proxying = handler.enable_proxying_http_request && !older_host;
        if proxying && function.is_http_only() {
            Mode::Proxy
        } else {
            Mode::Envelope
        }
    }

    /// The flags of the `traceparent` that a request without one gets, where Application Insights is on.
    pub(crate) fn trace_flags(&self) -> &'static str {
        match self.host.telemetry_mode.as_deref() {
            Some("OpenTelemetry") => "01",
            _ => "00",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HostJson {
    custom_handler: CustomHandler,
    #[serde(default)]
    extensions: Extensions,
    telemetry_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomHandler {
    description: Description,
    #[serde(default)]
    enable_proxying_http_request: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    default_executable_path: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extensions {
    http: HttpExtension,
}

#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct HttpExtension {
    route_prefix: String,
}

impl Default for HttpExtension {
    fn default() -> Self {
        Self {
            route_prefix: "api".to_owned(),
        }
    }
}

/// Functions are exactly one level below the app's folder.
fn read_functions(folder: &Path) -> anyhow::Result<Vec<Function>> {
    let mut functions = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path().join("function.json");
        if path.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let function = Function::parse(name, &read(&path)?);
            functions.push(function.with_context(|| path.display().to_string())?);
        }
    }
    functions.sort_by_key(|function| function.name.to_lowercase());
    Ok(functions)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(handler_flags: &str) -> App {
        let host = format!(
            r#"{{"customHandler": {{"description": {{"defaultExecutablePath": "handler"}} {handler_flags}}}}}"#
        );
        App {
            folder: PathBuf::from("/app"),
            functions: vec![Function::http("users", "users/{id?}")],
            log_levels: LogLevels::default(),
            host: serde_json::from_str(&host).unwrap(),
        }
    }

    #[test]
    fn a_newer_host_proxies_and_an_older_one_has_the_envelope() {
        let app = app(r#", "enableProxyingHttpRequest": true"#);
        let function = &app.functions[0];
        assert_eq!(app.mode(function, false), Mode::Proxy);
        assert_eq!(app.mode(function, true), Mode::Envelope);
    }

    #[test]
    fn without_proxying_requests_come_in_the_envelope() {
        let app = app("");
        assert_eq!(app.mode(&app.functions[0], false), Mode::Envelope);
    }

    #[test]
    fn only_paths_below_the_prefix_are_routed() {
        let app = app("");
        for path in ["/api/users", "/API/users/1", "/api/users/"] {
            assert!(app.function("GET", path).is_some(), "{path}");
        }
        for path in ["/users", "/apis/users", "/api", "/", "/api/users/1/2"] {
            assert!(app.function("GET", path).is_none(), "{path}");
        }
    }
}
