//! Ids of workspaces and projects: UUIDs, made as version 7 so that they order by creation.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, later in order than those made before.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// Returns the id written as `0190163d-8694-739b-aea5-966c26f8ad91`, or what is wrong.
            pub fn parse(text: &str) -> Result<Self, String> {
                let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
                match Uuid::parse_str(text) {
                    Ok(id) if hyphenated => Ok(Self(id)),
                    _ => Err("must be a UUID, written with hyphens".to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// Names a workspace, and the partition that holds all of it.
    WorkspaceId
);
uuid_id!(
    /// Names a project. It stays the same when the project moves to another workspace.
    ProjectId
);
