//! What every entity promises. One line of [`ENTITIES`] gives an entity all of these tests.

mod access;
mod changes;
mod faults;
mod lists;
mod repeats;

use crate::app::{Answer, User};
use serde_json::{Value, json};

/// An entity and what the tests need to know of it.
pub(crate) struct Entity {
    /// The path of its list. `{workspaceId}` is a workspace that is made for the test.
    pub(crate) list: &'static str,
    /// Creates one, as JSON. Its `name` is required.
    pub(crate) sample: &'static str,
    /// Changes one, as JSON.
    pub(crate) patch: &'static str,
    /// Properties that null resets to their default.
    pub(crate) resets: &'static [(&'static str, &'static str)],
    /// Who may create, read, change and delete one, from the lowest role.
    pub(crate) may: May,
}

/// The lowest role that may do something: a position in [`ROLES`].
#[derive(Clone, Copy)]
pub(crate) struct May {
    pub(crate) create: usize,
    pub(crate) read: usize,
    pub(crate) change: usize,
}

pub(crate) const ROLES: [&str; 4] = ["stranger", "viewer", "editor", "owner"];
const OWNERS: May = May {
    create: 0,
    read: 1,
    change: 3,
};

#[rustfmt::skip]
pub(crate) const ENTITIES: &[Entity] = &[
    Entity { list: "/api/workspaces", sample: r#"{"name": "Sample"}"#, patch: r#"{"description": "Changed"}"#, resets: &[("description", "null")], may: OWNERS },
    Entity { list: "/api/workspaces/{workspaceId}/projects", sample: r#"{"name": "Sample"}"#, patch: r#"{"tags": ["changed"], "visibility": "public"}"#, resets: &[("tags", "[]"), ("visibility", "\"private\"")], may: May { create: 2, read: 1, change: 2 } },
];

impl Entity {
    /// The list in a new workspace of this user.
    async fn list(&self, owner: &User<'_>) -> String {
        if !self.is_in_workspace() {
            return self.list.to_owned();
        }
        let workspace = owner.workspace().await;
        self.list
            .replace("/api/workspaces/{workspaceId}", &workspace)
    }

    fn is_in_workspace(&self) -> bool {
        self.list.contains("{workspaceId}")
    }

    fn sample(&self) -> Value {
        serde_json::from_str(self.sample).unwrap()
    }

    fn named(&self, name: &str) -> Value {
        let mut body = self.sample();
        body["name"] = name.into();
        body
    }

    fn patch(&self) -> Value {
        serde_json::from_str(self.patch).unwrap()
    }

    /// A new one.
    async fn create(&self, user: &User<'_>, list: &str) -> Answer {
        let made = user.post(list, self.sample()).await;
        made.expect(reqwest::StatusCode::CREATED)
    }
}

/// The methods and routes of all entities.
pub(crate) fn routes() -> Vec<(String, String)> {
    let routes = cosmos_functions::app::routes();
    let of_entity = |entity: &Entity| {
        let is_item = |path: &&str| {
            let rest = path.strip_prefix(entity.list).unwrap_or_default();
            rest.starts_with("/{") && rest.matches('/').count() == 1
        };
        let item = routes.iter().map(|route| route.path).find(is_item);
        let item = item.expect("an entity has a route of its own");
        [
            ("POST", entity.list),
            ("GET", entity.list),
            ("GET", item),
            ("PATCH", item),
            ("DELETE", item),
        ]
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
    };
    ENTITIES.iter().flat_map(of_entity).collect()
}

/// The `name` of everything in a list.
async fn names(user: &User<'_>, list: &str) -> Vec<String> {
    let items = user.pages(list).await.concat();
    let names = items
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned());
    names.collect()
}

/// `original` with the members of `patch`.
fn merged(original: &Value, patch: &Value) -> Value {
    let mut merged = original.clone();
    for (name, value) in patch.as_object().unwrap() {
        merged[name] = value.clone();
    }
    merged
}

/// The same resource but for when it was changed.
fn but_for_its_time(resource: &Value) -> Value {
    merged(resource, &json!({"updatedAt": null}))
}
