//! The id of a project.

use rest::uuid_id;

uuid_id!(
    /// Names a project, for as long as it lives.
    ProjectId,
    "projectId"
);
