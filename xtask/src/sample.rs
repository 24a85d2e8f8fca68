//! Sample data, made through the API, and requests to begin with.

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

/// Makes one workspace with three projects, one of them private. `base` is the app's URL.
pub(crate) fn seed(base: &str) -> anyhow::Result<Sample> {
    let workspace = create(
        &format!("{base}/api/workspaces"),
        &json!({"name": "Analytical Society", "description": "Sample data of cargo dev"}),
    )?;
    let workspace = text(&workspace, "id")?;
    let projects = format!("{base}/api/workspaces/{workspace}/projects");
    let mut slug = String::new();
    for project in sample_projects() {
        slug = text(&create(&projects, &project)?, "slug")?;
    }
    Ok(Sample { workspace, slug })
}

fn sample_projects() -> [Value; 3] {
    [
        json!({"name": "Notes on the Engine", "visibility": "private", "tags": ["notes"]}),
        json!({"name": "Difference Engine", "tags": ["engine", "1822"]}),
        json!({"name": "Analytical Engine", "tags": ["engine", "1837"]}),
    ]
}

/// Three requests that work when pasted in a shell.
pub(crate) fn requests(base: &str, sample: Option<&Sample>) -> [String; 3] {
    let api = format!("{base}/api/workspaces");
    let Some(Sample { workspace, slug }) = sample else {
        return [
            post(&api, r#"{"name": "My workspace"}"#),
            get(&api),
            get(&format!("{base}/api/health/ready")),
        ];
    };
    let projects = format!("{api}/{workspace}/projects");
    [
        post(
            &projects,
            r#"{"name": "Bernoulli numbers", "tags": ["notes"]}"#,
        ),
        get(&format!("{projects}?tag=engine&orderBy=name")),
        get(&format!("{projects}/by-slug/{slug}")),
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
