//! Whether a project is in its workspace, for those who do not move it. They finish a move that is half done.

use super::LastMove;
use super::finish::{Outcome, settle};
use crate::access::WorkspaceScope;
use crate::error::ServiceError;
use crate::projects::StoredProject;
use crate::projects::find::{NO_PROJECT, find};
use cosmos_store::etag::Versioned;
use cosmos_store::items::Items;
use rest::page::Page;

/// The project, unless it has moved to another workspace.
pub(crate) async fn staying<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    project: Option<Versioned<StoredProject>>,
) -> Result<Option<Versioned<StoredProject>>, ServiceError> {
    let Some(project) = project else {
        return Ok(None);
    };
    Ok(match settle(items, scope.workspace_id(), project).await? {
        Outcome::Stays(project) => Some(project),
        Outcome::Moved(_) => None,
    })
}

/// The projects that have not moved to another workspace.
pub(crate) async fn staying_of_page<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    page: Page<StoredProject>,
) -> Result<Page<StoredProject>, ServiceError> {
    let mut value = Vec::with_capacity(page.value.len());
    for project in page.value {
        if project.state.mark().is_none() {
            value.push(project);
            continue;
        }
        let latest = find(items, scope, project.id).await?;
        let project = staying(items, scope, latest).await?;
        value.extend(project.map(|project| project.item));
    }
    Ok(Page {
        value,
        next: page.next,
    })
}

/// While a project is being moved, nobody else writes it.
pub(crate) fn unless_moving(project: &StoredProject) -> Result<(), ServiceError> {
    match project.state.mark() {
        None => Ok(()),
        Some(_) => Err(ServiceError::Moving),
    }
}

/// As [`unless_moving`], and the move is helped on its way before the caller is told to come back.
pub(crate) async fn unless_moving_on<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    project: &Versioned<StoredProject>,
) -> Result<(), ServiceError> {
    let may = unless_moving(&project.item);
    if may.is_err() {
        settle(items, scope.workspace_id(), project.clone()).await?;
    }
    may
}

/// Whether the project, which is gone, is so because somebody deleted it: an error if it has moved.
pub(crate) async fn unless_moved<L>(
    items: &Items,
    scope: &WorkspaceScope<L>,
    project: &StoredProject,
) -> Result<(), ServiceError> {
    let id = LastMove::id_of(project.id);
    match items.read::<LastMove>(scope, &id).await? {
        Some(last) if last.item.number > project.state.moves => Err(NO_PROJECT),
        _ => Ok(()),
    }
}
