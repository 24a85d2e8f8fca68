//! Slugs that are taken.

use crate::projects::id::ProjectId;
use crate::projects::slug::Slug;
use cosmos_store::item::{DocType, Item};
use serde::{Deserialize, Serialize};

/// Holds a slug for one project. Its id is made of the slug, so a partition has it at most once. It is never written
/// again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlugReservation {
    id: String,
    doc_type: DocType<Self>,
    pub slug: Slug,
    pub project_id: ProjectId,
}

impl SlugReservation {
    pub(super) fn new(slug: Slug, project_id: ProjectId) -> Self {
        Self {
            id: Self::id_of(&slug),
            doc_type: DocType::default(),
            slug,
            project_id,
        }
    }

    pub fn id_of(slug: &Slug) -> String {
        format!("slug:{}", slug.as_str())
    }
}

impl Item for SlugReservation {
    const DOC_TYPE: &'static str = "slugReservation";

    fn id(&self) -> String {
        self.id.clone()
    }
}
