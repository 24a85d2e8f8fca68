//! The id of a project.

use rest::uuid_id;

uuid_id!(
    /// The id of a project, in whatever workspace it is.
    ProjectId,
    "projectId"
);
