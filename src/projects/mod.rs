//! Projects. A project lives in its workspace's partition ("parent" strategy).

pub mod http;
pub mod service;
pub mod id;
pub mod slug;
mod find;
mod slug_reservation;
mod slug_search;
mod tags;
mod visibility;
pub mod moves;
pub mod batch;

use self::id::ProjectId;
use self::slug::Slug;
pub use self::slug_reservation::SlugReservation;
use self::tags::Tags;
pub use self::visibility::Visibility;
use crate::id::WorkspaceId;
use crate::projects::moves::Mark;
use deserr::Deserr;
use rest::entity::{Entity, Resource, Stored};
use rest::list::{Criterion, Listed};
use rest::text::{Description, Name, Tag};
use rest::violations::Violations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What callers write of a project.
#[derive(Debug, Clone, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Project")]
#[deserr(error = Violations, deny_unknown_fields, rename_all = camelCase)]
pub struct ProjectFields {
    /// 1 to 200 characters.
    pub name: Name,
    /// At most 2,000 characters, or null.
    #[serde(default)]
    #[deserr(default)]
    pub description: Option<Description>,
    #[serde(default)]
    #[deserr(default)]
    pub visibility: Visibility,
    #[serde(default)]
    #[deserr(default)]
    pub tags: Tags,
}

impl Entity for ProjectFields {
    const KIND: &'static str = "project";
    type Id = ProjectId;
}

impl Listed for ProjectFields {
    const FILTERS: &'static [Criterion] = &[
        Criterion::equals::<Visibility>("visibility"),
        Criterion::contains::<Tag>("tag", "tags"),
        Criterion::is_part_of::<Name>("q", "name"),
    ];
    const ORDERS: &'static [&'static str] = &["createdAt", "name"];
}

/// What the app keeps of a project beside what callers write.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProjectState {
    pub slug: Slug,
    /// How often it has moved.
    #[serde(default)]
    pub moves: u32,
    /// Present while the project leaves the workspace.
    #[serde(default)]
    moving: Option<Mark>,
}

/// A project as it is stored.
pub type StoredProject = Stored<ProjectFields, ProjectState>;

/// What a project shows beside what callers write.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    workspace_id: WorkspaceId,
    slug: Slug,
}

/// A project as callers see it.
pub type Project = Resource<ProjectFields, Place>;

impl ProjectState {
    /// The state of a new project.
    fn new(name: &Name) -> Self {
        Self {
            slug: Slug::from_name(name.as_str()),
            moves: 0,
            moving: None,
        }
    }
}

/// The project as callers see it in its workspace.
fn shown(project: StoredProject, workspace_id: WorkspaceId) -> Project {
    let slug = project.state.slug.clone();
    project.shown(Place { workspace_id, slug })
}

/// The item that keeps other projects of the workspace from taking this slug.
fn reservation(project: &StoredProject) -> SlugReservation {
    SlugReservation::new(project.state.slug.clone(), project.id)
}
