//! What the container holds at the start: a workspace with projects, each about 1 KB as stored, and one without, for
//! those that are made.

use crate::store::{Store, Write};
use anyhow::anyhow;
use serde_json::{Value, json};

/// A UUID by number: the ids of all that is here. `cargo xtask bench` knows it.
fn id(number: usize) -> String {
    format!("01900000-0000-7000-8000-{number:012x}")
}

const WORKSPACE: usize = 0xffff_ffff;
const EMPTY_WORKSPACE: usize = 0xffff_fffe;
const PROJECTS: usize = 256;
const OWNER: &str = "ada";
const TIME: &str = "2026-01-01T00:00:00.000Z";

pub(crate) fn fill(store: &mut Store) -> anyhow::Result<()> {
    let projects = (0..PROJECTS).flat_map(|number| project(&id(WORKSPACE), number));
    put(store, &id(WORKSPACE), projects)?;
    put(store, &id(EMPTY_WORKSPACE), [])
}

fn put(
    store: &mut Store,
    workspace: &str,
    projects: impl IntoIterator<Item = Value>,
) -> anyhow::Result<()> {
    let items = [workspace_item(workspace), open_marker(workspace)];
    for item in items.into_iter().chain(projects) {
        let written = store.write(workspace, Write::Create, None, item, None);
        written.map_err(|refused| anyhow!("cannot seed: {}", refused.0))?;
    }
    Ok(())
}

fn workspace_item(workspace: &str) -> Value {
    json!({
        "id": workspace,
        "partitionKey": workspace,
        "docType": "workspace",
        "name": "Benchmark",
        "description": null,
        "members": [{ "userId": OWNER, "role": "owner" }],
        "createdAt": TIME,
        "updatedAt": null,
        "closing": false,
        "revision": id(0)
    })
}

/// Without it no project can be made in the workspace.
fn open_marker(workspace: &str) -> Value {
    json!({ "id": "open", "partitionKey": workspace, "docType": "openMarker" })
}

/// The project and what holds its slug.
fn project(workspace: &str, number: usize) -> [Value; 2] {
    let slug = format!("project-{number}");
    let project = json!({
        "id": id(number),
        "partitionKey": workspace,
        "docType": "project",
        "name": format!("Project {number}"),
        "description": "Plans, notes and letters. ".repeat(16),
        "visibility": "private",
        "tags": ["engine", "notes", "letters"],
        "slug": slug,
        "authorId": OWNER,
        "createdAt": TIME,
        "updatedAt": null,
        "revision": id(number),
        "moving": null
    });
    let reservation = json!({
        "id": format!("slug:{slug}"),
        "partitionKey": workspace,
        "docType": "slugReservation",
        "slug": slug,
        "projectId": id(number)
    });
    [project, reservation]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_about_a_kilobyte() {
        let mut store = Store::default();
        fill(&mut store).unwrap();
        let project = store.read(&id(WORKSPACE), &id(7)).unwrap();
        let size = project.text.len();
        assert!((900..=1_124).contains(&size), "{size}");
    }
}
