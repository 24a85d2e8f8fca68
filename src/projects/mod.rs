//! Projects. A project lives in its workspace's partition ("parent" strategy).

pub mod http;
pub mod list;
pub mod service;
pub mod slug;
mod find;
mod slug_reservation;
mod slug_search;
mod tags;
mod visibility;
pub mod moves;
pub mod batch;

use self::slug::Slug;
pub use self::slug_reservation::SlugReservation;
use self::tags::Tags;
pub use self::visibility::Visibility;
use crate::id::{ProjectId, WorkspaceId};
use crate::projects::moves::Mark;
use cosmos_store::item::{DocType, Item};
use cosmos_store::write::WriteId;
use rest::fields::{Body, Change, FieldValue, Fields, Violation};
use rest::identity::{Caller, UserId};
use rest::text::{Description, Name};
use rest::timestamp::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What callers say about a project.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProjectFields {
    /// 1 to 200 characters.
    pub name: Name,
    /// At most 2,000 characters, or null.
    #[serde(default)]
    pub description: Option<Description>,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct CreateProject(pub ProjectFields);

/// A JSON merge patch: what is absent stays as it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UpdateProject {
    #[schemars(with = "Name", default)]
    name: Option<Name>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schemars(default)]
    description: Change<Description>,
    #[schemars(with = "Visibility", default)]
    visibility: Option<Visibility>,
    #[schemars(with = "Tags", default)]
    tags: Option<Tags>,
}

/// The fields of [`ProjectFields`] stand here one by one: with `flatten`, each property that is read would
/// be kept in memory first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredProject {
    pub id: ProjectId,
    partition_key: WorkspaceId,
    doc_type: DocType<Self>,
    pub name: Name,
    #[serde(default)]
    description: Option<Description>,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    tags: Tags,
    pub slug: Slug,
    author_id: UserId,
    pub created_at: Timestamp,
    updated_at: Option<Timestamp>,
    /// The request that wrote this version.
    pub revision: WriteId,
    /// How often it has moved.
    #[serde(default)]
    pub moves: u32,
    /// There while the project leaves the workspace.
    #[serde(default)]
    moving: Option<Mark>,
}

/// A project as callers see it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub id: ProjectId,
    pub workspace_id: WorkspaceId,
    #[serde(flatten)]
    fields: ProjectFields,
    slug: Slug,
    #[serde(with = "rest::identity::shown")]
    #[schemars(with = "UserId")]
    author_id: UserId,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

impl Body for CreateProject {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let name = fields.required("name");
        let description = fields.nullable("description");
        let visibility = fields.optional("visibility").unwrap_or_default();
        let tags = fields.optional("tags").unwrap_or_default();
        fields.finish(name.map(|name| {
            Self(ProjectFields {
                name,
                description,
                visibility,
                tags,
            })
        }))
    }
}

impl Body for UpdateProject {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::of(json)?;
        let update = Self {
            name: fields.optional("name"),
            description: fields.change("description"),
            visibility: fields.optional("visibility"),
            tags: fields.optional("tags"),
        };
        fields.finish(Some(update))
    }
}

/// In a batch.
impl FieldValue for CreateProject {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        <Self as Body>::parse(json)
    }
}

/// In a batch.
impl FieldValue for UpdateProject {
    fn parse(json: Value) -> Result<Self, Vec<Violation>> {
        <Self as Body>::parse(json)
    }
}

impl UpdateProject {
    /// Returns the changed project; `updated_at` moves to `now`. The slug stays as it is.
    #[must_use]
    pub fn apply(
        &self,
        mut project: StoredProject,
        now: Timestamp,
        write: WriteId,
    ) -> StoredProject {
        if let Some(name) = &self.name {
            project.name = name.clone();
        }
        self.description.apply(&mut project.description);
        if let Some(visibility) = self.visibility {
            project.visibility = visibility;
        }
        if let Some(tags) = &self.tags {
            project.tags = tags.clone();
        }
        project.updated_at = Some(now);
        project.revision = write;
        project
    }

    /// An empty patch changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.description.is_keep()
            && self.visibility.is_none()
            && self.tags.is_none()
    }
}

impl StoredProject {
    #[must_use]
    pub fn create(
        id: ProjectId,
        workspace_id: WorkspaceId,
        CreateProject(fields): CreateProject,
        author: &Caller,
        now: Timestamp,
        write: WriteId,
    ) -> Self {
        Self {
            id,
            partition_key: workspace_id,
            doc_type: DocType::default(),
            slug: Slug::from_name(fields.name.as_str()),
            name: fields.name,
            description: fields.description,
            visibility: fields.visibility,
            tags: fields.tags,
            author_id: author.id.clone(),
            created_at: now,
            updated_at: None,
            revision: write,
            moves: 0,
            moving: None,
        }
    }

    #[must_use]
    pub fn workspace_id(&self) -> WorkspaceId {
        self.partition_key
    }

    /// Whether nobody has changed it since it was made.
    #[must_use]
    pub fn is_as_created(&self) -> bool {
        self.updated_at.is_none()
    }

    /// The number of the move that it is in, or that comes next.
    #[must_use]
    pub fn next_move(&self) -> u32 {
        self.moves.saturating_add(1)
    }

    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        self.moving.as_ref()
    }

    /// The project, leaving; or staying after all.
    #[must_use]
    pub fn with_mark(self, moving: Option<Mark>, write: WriteId) -> Self {
        Self {
            moving,
            revision: write,
            ..self
        }
    }

    /// The project as it arrives, with the slug it has there. All who finish the move write the same.
    #[must_use]
    pub fn arrived(self, mark: &Mark, slug: Slug) -> Self {
        Self {
            partition_key: mark.to,
            moves: self.next_move(),
            slug,
            updated_at: Some(mark.at),
            revision: mark.write,
            moving: None,
            ..self
        }
    }

    /// The item that keeps other projects of the workspace from taking this slug.
    #[must_use]
    pub fn reservation(&self) -> SlugReservation {
        SlugReservation::new(self.partition_key, self.slug.clone(), self.id)
    }
}

impl Item for StoredProject {
    const DOC_TYPE: &'static str = "project";

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl From<StoredProject> for Project {
    fn from(stored: StoredProject) -> Self {
        Self {
            id: stored.id,
            workspace_id: stored.partition_key,
            fields: ProjectFields {
                name: stored.name,
                description: stored.description,
                visibility: stored.visibility,
                tags: stored.tags,
            },
            slug: stored.slug,
            author_id: stored.author_id,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
