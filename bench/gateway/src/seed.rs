//! What the container holds at the start: a workspace with projects, each about 1 KB as stored, and one without, for
//! those that are made.

use crate::store::{Store, Write};
use anyhow::anyhow;
use serde_json::{Value, json};

/// A UUID by number: the ids of all that is here. `cargo xtask bench` knows it.
pub(crate) fn id(number: usize) -> String {
    format!("01900000-0000-7000-8000-{number:012x}")
}

const WORKSPACE: usize = 0xffff_ffff;
const EMPTY_WORKSPACE: usize = 0xffff_fffe;
const PROJECTS: usize = 256;
/// Characters of a description with which the item is about 1 KB as stored.
pub(crate) const A_KILOBYTE: usize = 416;
const OWNER: &str = "ada";
const TIME: &str = "2026-01-01T00:00:00.000Z";

pub(crate) fn fill(store: &mut Store) -> anyhow::Result<()> {
    let workspace = id(WORKSPACE);
    let projects = (0..PROJECTS).flat_map(|number| {
        [
            project(&workspace, number, A_KILOBYTE),
            slug(&workspace, number),
        ]
    });
    put(store, &workspace, 1, projects)?;
    put(store, &id(EMPTY_WORKSPACE), 1, [])
}

/// A workspace with so many members, the caller among them, and with these items beside its own.
pub(crate) fn put(
    store: &mut Store,
    workspace: &str,
    members: usize,
    others: impl IntoIterator<Item = Value>,
) -> anyhow::Result<()> {
    let items = [workspace_item(workspace, members), open_marker(workspace)];
    let viewers = (1..members).map(|number| member(workspace, &id(number), "viewer"));
    let members = viewers.chain([member(workspace, OWNER, "owner")]);
    for item in items.into_iter().chain(members).chain(others) {
        let written = store.write(workspace, Write::Create, None, item, None);
        written.map_err(|refused| anyhow!("cannot seed: {}", refused.0))?;
    }
    Ok(())
}

/// The handler reads the item of a member; the services beside it read all members in the workspace's.
fn member(workspace: &str, user: &str, role: &str) -> Value {
    json!({
        "id": format!("member:{user}"),
        "partitionKey": workspace,
        "docType": "member",
        "userId": user,
        "role": role,
        "createdAt": TIME,
        "updatedAt": null,
        "mirrored": "Benchmark",
        "revision": id(0)
    })
}

fn workspace_item(workspace: &str, members: usize) -> Value {
    let others = (1..members).map(|number| json!({ "userId": id(number), "role": "viewer" }));
    let owner = json!({ "userId": OWNER, "role": "owner" });
    json!({
        "id": workspace,
        "partitionKey": workspace,
        "docType": "workspace",
        "name": "Benchmark",
        "description": null,
        "owners": [OWNER],
        "members": others.chain([owner]).collect::<Vec<_>>(),
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

/// Its description has so many characters.
pub(crate) fn project(workspace: &str, number: usize, description: usize) -> Value {
    let words = "Plans, notes and letters. ".chars().cycle();
    json!({
        "id": id(number),
        "partitionKey": workspace,
        "docType": "project",
        "name": format!("Project {number}"),
        "description": words.take(description).collect::<String>(),
        "visibility": "private",
        "tags": ["engine", "notes", "letters"],
        "slug": format!("project-{number}"),
        "authorId": OWNER,
        "createdAt": TIME,
        "updatedAt": null,
        "revision": id(number),
        "moving": null
    })
}

/// What holds a project's slug.
fn slug(workspace: &str, number: usize) -> Value {
    let slug = format!("project-{number}");
    json!({
        "id": format!("slug:{slug}"),
        "partitionKey": workspace,
        "docType": "slugReservation",
        "slug": slug,
        "projectId": id(number)
    })
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
