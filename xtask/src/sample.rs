//! Sample data, made through the API, and requests to begin with.

mod projects;

use crate::local::agent;
use anyhow::{Context, ensure};
use serde_json::{Value, json};

const CALLER: &str = "ada";

/// A workspace to begin with.
#[derive(Debug)]
pub(crate) struct Sample {
    workspace: String,
    slug: String,
}

/// Makes one workspace with something in it. `base` is the app's URL.
pub(crate) fn seed(base: &str) -> anyhow::Result<Sample> {
    let workspaces = format!("{base}/api/workspaces");
    let made = create(
        &workspaces,
        &json!({"name": "Analytical Society", "description": "Sample data of cargo dev"}),
    )?;
    let workspace = format!("{workspaces}/{}", text(&made, "id")?);
    let slug = projects::seed(&workspace)?;
    Ok(Sample { workspace, slug })
}

/// Three requests that work when pasted in a shell.
pub(crate) fn requests(base: &str, sample: Option<&Sample>) -> [String; 3] {
    let api = format!("{base}/api/workspaces");
    if let Some(Sample { workspace, slug }) = sample {
        return projects::requests(workspace, slug);
    }
    [
        post(&api, r#"{"name": "My workspace"}"#),
        get(&api),
        get(&format!("{base}/api/health/ready")),
    ]
}

fn get(url: &str) -> String {
    format!("curl -s -H 'x-dev-user: {CALLER}' '{url}'")
}

fn post(url: &str, body: &str) -> String {
    format!(
        "{} -H 'content-type: application/json' -d '{body}'",
        get(url)
    )
}

fn create(url: &str, body: &Value) -> anyhow::Result<Value> {
    let failed = || format!("cannot make sample data: POST {url}");
    let mut response = agent()
        .post(url)
        .header("x-dev-user", CALLER)
        .send_json(body)
        .with_context(failed)?;
    let answer = response.body_mut().read_to_string().with_context(failed)?;
    let status = response.status();
    ensure!(status == 201, "{} answered {status}: {answer}", failed());
    serde_json::from_str(&answer).with_context(failed)
}

fn text(json: &Value, field: &str) -> anyhow::Result<String> {
    let text = json[field].as_str().map(str::to_owned);
    text.with_context(|| format!("no {field} in {json}"))
}
