//! `/api/workspaces/{workspaceId}/projects/{projectId}/move`

use super::MoveProject;
use super::service as moves;
use crate::access::CanEdit;
use crate::call::Call;
use crate::id::WorkspaceId;
use crate::projects::Project;
use crate::projects::id::ProjectId;
use rest::answer::Tagged;
use rest::idempotency::Keyed;
use rest::precondition::Precondition;
use rest::problem::Problem;

pub async fn start(
    call: Call<CanEdit>,
    workspace_id: WorkspaceId,
    id: ProjectId,
    condition: Precondition,
    Keyed { body, key }: Keyed<MoveProject>,
) -> Result<Tagged<Project>, Problem> {
    let target = body.target_workspace_id;
    let moved = moves::start(&call, workspace_id, id, target, &condition, &key).await?;
    Ok(Tagged(moved))
}
