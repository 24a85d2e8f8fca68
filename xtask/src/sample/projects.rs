//! Projects in the sample workspace.

use super::{create, get, post, text};
use serde_json::{Value, json};

/// Makes three projects, one of them private. Returns the slug of the last.
pub(super) fn seed(workspace: &str) -> anyhow::Result<String> {
    let mut slug = String::new();
    for project in sample() {
        let made = create(&format!("{workspace}/projects"), &project)?;
        slug = text(&made, "slug")?;
    }
    Ok(slug)
}

fn sample() -> [Value; 3] {
    [
        json!({"name": "Notes on the Engine", "visibility": "private", "tags": ["notes"]}),
        json!({"name": "Difference Engine", "tags": ["engine", "1822"]}),
        json!({"name": "Analytical Engine", "tags": ["engine", "1837"]}),
    ]
}

pub(super) fn requests(workspace: &str, slug: &str) -> [String; 3] {
    let projects = format!("{workspace}/projects");
    [
        post(
            &projects,
            r#"{"name": "Bernoulli numbers", "tags": ["notes"]}"#,
        ),
        get(&format!("{projects}?tag=engine&orderBy=name")),
        get(&format!("{projects}/by-slug/{slug}")),
    ]
}
