//! Whether the folder this binary is in is an app that the Functions host can run.

use super::report::Check;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;

const NAME: &str = "host-json";
/// The oldest ones known to proxy.
const HOSTS: &str = "HTTP works on host 4.1041, Core Tools 4.2, or newer";
const STAGE: &str = "`cargo xtask stage` makes the folder dist/app with the binary, host.json and the functions as the host needs them.";

pub(super) fn check(executable: &Path) -> Check {
    let folder = executable.parent().unwrap_or(Path::new("."));
    let host = match read(&folder.join("host.json")) {
        Ok(host) => host,
        Err(wrong) => return Check::failed(NAME, wrong, STAGE),
    };
    let mut problems = differences(&host, executable);
    let functions = match functions(folder) {
        Ok(functions) => functions,
        Err(wrong) => {
            problems.push(wrong);
            0
        }
    };
    if problems.is_empty() {
        let folder = folder.display();
        return Check::ok(NAME, format!("{functions} functions in {folder}; {HOSTS}"));
    }
    Check::failed(NAME, problems.join("\n"), STAGE)
}

/// What the host must be told: the name of this binary, to pass on HTTP requests as they are, under `/api`.
fn differences(host: &Value, executable: &Path) -> Vec<String> {
    // The host finds `handler.exe` by the name `handler`, too.
    let name = if cfg!(windows) {
        executable.file_stem()
    } else {
        executable.file_name()
    };
    let name = name.unwrap_or_default().to_string_lossy();
    let needed = [
        (
            "/customHandler/description/defaultExecutablePath",
            json!(name),
        ),
        ("/customHandler/enableProxyingHttpRequest", json!(true)),
        ("/extensions/http/routePrefix", json!("api")),
    ];
    let forwards = host.pointer("/customHandler/enableForwardingHttpRequest");
    let forwards = forwards.filter(|forwards| **forwards != json!(false)).map(|_| {
        "host.json: /customHandler/enableForwardingHttpRequest must not be set: with it callers reach timers".to_owned()
    });
    let wrong = needed.into_iter().filter_map(|(pointer, needed)| {
        let found = host.pointer(pointer);
        let shown = found.map_or("absent".to_owned(), Value::to_string);
        let sentence = || format!("host.json: {pointer} is {shown}, should be {needed}");
        (found != Some(&needed)).then(sentence)
    });
    wrong.chain(forwards).collect()
}

/// The number of functions: the host looks for `function.json` exactly one level below.
fn functions(folder: &Path) -> Result<usize, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let definitions = entries.filter_map(|entry| Some(entry.ok()?.path().join("function.json")));
    let mut functions = 0;
    for definition in definitions.filter(|definition| definition.is_file()) {
        let bindings = read(&definition)?["bindings"].as_array().map(Vec::len);
        if bindings.unwrap_or_default() == 0 {
            return Err(format!("{}: there are no bindings", definition.display()));
        }
        functions += 1;
    }
    if functions == 0 {
        return Err("no folder beside host.json has a function.json".to_owned());
    }
    Ok(functions)
}

fn read(file: &Path) -> Result<Value, String> {
    let name = file.display();
    let text = fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {name}"),
        _ => format!("{name}: {error}"),
    })?;
    serde_json::from_slice(&text).map_err(|error| format!("{name} is not JSON: {error}"))
}
