//! The problems that only this app has.

rest::problem_types! {
    ROLE_TOO_LOW: FORBIDDEN, "role-too-low", "The caller's role in the workspace is too low",
        "The caller is a member of the workspace, but may not do this.",
        "Ask an owner for a higher role.";
    MOVING: CONFLICT, "moving", "The project is being moved",
        "The project is on its way to another workspace.",
        "Wait as `Retry-After` says and look for it in the target.";
    LAST_OWNER: CONFLICT, "last-owner", "The workspace would have no owner",
        "Somebody must be able to change the workspace.",
        "Make somebody else an owner first.";
    TOO_MANY_OWNERS: CONFLICT, "too-many-owners", "The workspace has as many owners as it can have",
        "A workspace has at most 20 owners. Editors and viewers are not limited.",
        "Give another owner a lower role first.";
    WORKSPACE_NOT_EMPTY: CONFLICT, "workspace-not-empty", "The workspace is not empty",
        "The workspace has something in it.",
        "Delete or move them first.";
}
