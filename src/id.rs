//! Ids of workspaces, projects and moves: UUIDs.

use cosmos_store::write::WriteId;
use rest::fields::{FieldValue, Violation};
use rest::string_schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id of version 7, later in order than those made before.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// An id that follows from the request that asks for it.
            #[must_use]
            pub fn of_write(write: WriteId) -> Self {
                Self(write.uuid())
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

        string_schema!($name, {
            "type": "string", "format": "uuid", "examples": ["0190163d-8694-739b-aea5-966c26f8ad91"],
        });

        impl FieldValue for $name {
            fn parse(json: Value) -> Result<Self, Vec<Violation>> {
                let text = <String as FieldValue>::parse(json)?;
                Self::parse(&text).map_err(|detail| vec![Violation::new("", detail)])
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
uuid_id!(
    /// Names one move of a project.
    MoveId
);

rest::path_parameter!(crate::state::AppState, "workspaceId", WorkspaceId, parse);
rest::path_parameter!(crate::state::AppState, "projectId", ProjectId, parse);
