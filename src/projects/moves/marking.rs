//! What a move changes in a project.

use super::Mark;
use crate::projects::slug::Slug;
use crate::projects::{ProjectState, StoredProject};
use cosmos_store::write::WriteId;

impl ProjectState {
    /// The number of the move that it is in, or that comes next.
    pub fn next_move(&self) -> u32 {
        self.moves.saturating_add(1)
    }

    pub fn mark(&self) -> Option<&Mark> {
        self.moving.as_ref()
    }
}

/// The project, leaving; or staying after all.
pub(super) fn with_mark(
    mut project: StoredProject,
    moving: Option<Mark>,
    write: WriteId,
) -> StoredProject {
    project.state.moving = moving;
    project.revision = write;
    project
}

/// The project as it arrives, with the slug it has there. All who finish the move write the same.
pub(super) fn arrived(mut project: StoredProject, mark: &Mark, slug: Slug) -> StoredProject {
    project.updated_at = Some(mark.at);
    project.revision = mark.write;
    project.state = ProjectState {
        moves: project.state.next_move(),
        slug,
        moving: None,
    };
    project
}
