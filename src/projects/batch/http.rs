//! `/api/workspaces/{workspaceId}/projects/batch`

use super::service as batch;
use super::{ProjectBatch, ProjectBatchResult};
use crate::access::CanEdit;
use crate::call::Call;
use crate::id::WorkspaceId;
use axum::Json;
use rest::idempotency::Keyed;
use rest::problem::Problem;

pub async fn execute(
    call: Call<CanEdit>,
    workspace_id: WorkspaceId,
    Keyed { body, key }: Keyed<ProjectBatch>,
) -> Result<Json<ProjectBatchResult>, Problem> {
    let done = batch::execute(&call, workspace_id, &body, &key).await?;
    Ok(Json(done))
}
