//! Entities: resources that callers create, read, list, patch and delete.
//!
//! An entity is the one struct of what callers write, for example `NoteFields`. Around it stand [`Create`] (the body
//! that creates one), [`Patch`](crate::patch::Patch) (the body that changes one), [`Stored`] (the item in the
//! container) and [`Resource`] (what callers see).

use crate::identity::{Caller, UserId};
use crate::timestamp::Timestamp;
use crate::violations::Violations;
use cosmos_store::change::Revised;
use cosmos_store::item::{DocType, Item};
use cosmos_store::write::WriteId;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{Debug, Display};

/// What callers write of one kind of resource.
pub trait Entity:
    Debug
    + Clone
    + Serialize
    + DeserializeOwned
    + Deserr<Violations>
    + JsonSchema
    + Send
    + Sync
    + 'static
{
    /// Names the kind: the `docType` of its items, and what error details call it.
    const KIND: &'static str;
    /// Names one of them.
    type Id: EntityId;
}

/// The id of an entity, a part of paths. It stands for itself in JSON.
pub trait EntityId:
    Debug + Copy + Eq + Display + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// Returns a new id, later in order than those made before.
    fn generate() -> Self;
}

/// The body that creates an entity.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Create<T>(pub T);

/// An entity as it is stored. `S` is what the app stores of it beside what callers write. Properties that neither has
/// are dropped when it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Entity, S: State")]
pub struct Stored<T: Entity, S = NoState> {
    /// Unique in its partition.
    pub id: T::Id,
    doc_type: DocType<Self>,
    /// What callers write.
    #[serde(flatten)]
    pub fields: T,
    /// What the app stores beside it.
    #[serde(flatten)]
    pub state: S,
    /// Who created it.
    pub(crate) author_id: UserId,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it was last changed; `None` if it never was.
    pub updated_at: Option<Timestamp>,
    /// The request that wrote this version.
    pub revision: WriteId,
}

/// An entity as callers see it. `P` is what it shows beside what callers write, for example where it belongs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    bound(
        serialize = "T: Entity, P: Serialize",
        deserialize = "T: Entity, P: DeserializeOwned"
    )
)]
#[schemars(rename = "{T}", description = "As it is now.")]
pub struct Resource<T: Entity, P> {
    /// Names it among all of its kind.
    pub id: T::Id,
    #[serde(flatten)]
    place: P,
    #[serde(flatten)]
    fields: T,
    #[serde(with = "crate::identity::shown")]
    #[schemars(with = "UserId")]
    author_id: UserId,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// What an app stores of an entity beside what callers write.
pub trait State: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<S: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> State for S {}

/// No state beside what callers write.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct NoState {}

impl<T: Entity, S> Stored<T, S> {
    /// A new entity of `author`, written by the request `write`.
    pub fn new(fields: T, state: S, author: &Caller, write: WriteId) -> Self {
        Self {
            id: T::Id::generate(),
            doc_type: DocType::default(),
            fields,
            state,
            author_id: author.id.clone(),
            created_at: Timestamp::now(),
            updated_at: None,
            revision: write,
        }
    }

    /// The entity with other fields, changed now by the request `write`.
    pub fn changed(self, fields: T, write: WriteId) -> Self {
        Self {
            fields,
            updated_at: Some(Timestamp::now()),
            revision: write,
            ..self
        }
    }

    /// The entity as callers see it, with what it shows beside its fields.
    pub fn shown<P>(self, place: P) -> Resource<T, P> {
        Resource {
            id: self.id,
            place,
            fields: self.fields,
            author_id: self.author_id,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl<T: Entity, S: State> Item for Stored<T, S> {
    const DOC_TYPE: &'static str = T::KIND;

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl<T: Entity, S: State> Revised for Stored<T, S> {
    fn revision(&self) -> WriteId {
        self.revision
    }
}

impl<T: Deserr<Violations>> Deserr<Violations> for Create<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, Violations> {
        T::deserialize_from_value(value, location).map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Create<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Create{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Makes a type that names entities by UUIDs, read from the path parameter `$parameter`. Its doc comment is its
/// description in the contract.
#[macro_export]
macro_rules! uuid_id {
    (#[doc = $doc:literal] $name:ident, $parameter:literal) => {
        #[doc = $doc]
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, deserr::Deserr,
        )]
        #[serde(transparent)]
        #[deserr(error = $crate::violations::Violations, try_from(&String) = $name::parse -> String)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Returns the id written as `0190163d-8694-739b-aea5-966c26f8ad91`, or what is wrong.
            pub fn parse(text: &str) -> Result<Self, String> {
                let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
                match uuid::Uuid::parse_str(text) {
                    Ok(id) if hyphenated => Ok(Self(id)),
                    _ => Err("must be a UUID, written with hyphens".to_owned()),
                }
            }
        }

        impl $crate::entity::EntityId for $name {
            fn generate() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        $crate::string_schema!($name, {
            "type": "string", "format": "uuid", "description": $doc.trim(),
            "examples": ["0190163d-8694-739b-aea5-966c26f8ad91"],
        });
        $crate::path_parameter!($name, $parameter);
    };
}
