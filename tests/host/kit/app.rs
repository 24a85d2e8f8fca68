//! A staged app, read as the host reads it.

use super::functions::{Function, route};
use anyhow::Context;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder that is deployed: `host.json` and one folder for each function.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) folder: PathBuf,
    pub(crate) functions: Vec<Function>,
    host: HostJson,
}

/// How requests reach the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Unchanged; repeated when the connection breaks.
    Proxy,
    /// Rebuilt, as older hosts do.
    Forward,
    /// As JSON, at `/<FunctionName>`.
    Envelope,
}

impl App {
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let host = read(&folder.join("host.json"))?;
        Ok(Self {
            folder: folder.to_owned(),
            functions: read_functions(folder)?,
            host: serde_json::from_str(&host).context("host.json")?,
        })
    }

    pub(crate) fn executable(&self) -> PathBuf {
        let path = &self.host.custom_handler.description.default_executable_path;
        self.folder.join(path)
    }

    /// The function a request's path is for, with the path's parameters.
    pub(crate) fn function(&self, path: &str) -> Option<(&Function, Vec<(String, String)>)> {
        let path = self.below_prefix(path)?;
        let function = route(&self.functions, path)?;
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
        match (proxying, handler.enable_forwarding_http_request) {
            _ if !function.is_http_only() => Mode::Envelope,
            (true, _) => Mode::Proxy,
            (false, true) => Mode::Forward,
            (false, false) => Mode::Envelope,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HostJson {
    custom_handler: CustomHandler,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomHandler {
    description: Description,
    #[serde(default)]
    enable_proxying_http_request: bool,
    #[serde(default)]
    enable_forwarding_http_request: bool,
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
            host: serde_json::from_str(&host).unwrap(),
        }
    }

    #[test]
    fn a_newer_host_proxies_and_an_older_one_forwards() {
        let both = r#", "enableProxyingHttpRequest": true, "enableForwardingHttpRequest": true"#;
        let app = app(both);
        let function = &app.functions[0];
        assert_eq!(app.mode(function, false), Mode::Proxy);
        assert_eq!(app.mode(function, true), Mode::Forward);
    }

    #[test]
    fn without_either_flag_requests_come_in_the_envelope() {
        let app = app("");
        assert_eq!(app.mode(&app.functions[0], false), Mode::Envelope);
    }

    #[test]
    fn only_paths_below_the_prefix_are_routed() {
        let app = app("");
        for path in ["/api/users", "/API/users/1", "/api/users/"] {
            assert!(app.function(path).is_some(), "{path}");
        }
        for path in ["/users", "/apis/users", "/api", "/", "/api/users/1/2"] {
            assert!(app.function(path).is_none(), "{path}");
        }
    }
}
