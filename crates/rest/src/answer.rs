//! Answers of handlers.

use crate::etag::{self, not_modified, with_etag};
use crate::openapi::{Describe, Operation};
use crate::precondition::{Precondition, PreconditionFailed};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{ETAG, LOCATION};
use axum::response::{IntoResponse, Response};
use cosmos_store::etag::Versioned;
use schemars::JsonSchema;
use serde::Serialize;

/// 200 with a resource and its `ETag`.
#[derive(Debug)]
pub struct Tagged<T>(pub Versioned<T>);

/// 201 with a new resource, its `ETag` and where it is.
#[derive(Debug)]
pub struct Created<T> {
    /// The path of the resource.
    pub location: String,
    /// The resource. Without a version, the answer has no `ETag`.
    pub made: Versioned<T>,
}

/// 201 for a new resource, 200 for one that was replaced.
#[derive(Debug)]
pub enum Saved<T> {
    /// There was none before.
    New(Created<T>),
    /// It was there.
    Replaced(Tagged<T>),
}

/// The answer to a read: 200 with the resource, or 304 if the caller has this version.
#[derive(Debug)]
pub struct Read<T> {
    found: Versioned<T>,
    is_known: bool,
}

/// 204: it is deleted.
#[derive(Debug)]
pub struct Deleted;

impl<T> Read<T> {
    /// Answers a read with what was `found`.
    ///
    /// # Errors
    /// [`PreconditionFailed`] if `If-Match` names another version.
    pub fn new(condition: &Precondition, found: Versioned<T>) -> Result<Self, PreconditionFailed> {
        condition.check_match(&found.etag)?;
        let is_known = condition.has(&found.etag);
        Ok(Self { found, is_known })
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        with_etag(Json(&self.0.item).into_response(), &self.0.etag)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let location = [(LOCATION, self.location)];
        let created = (StatusCode::CREATED, location, Json(&self.made.item));
        let mut response = created.into_response();
        if let Some(etag) = etag::header(&self.made.etag) {
            response.headers_mut().insert(ETAG, etag);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for Saved<T> {
    fn into_response(self) -> Response {
        match self {
            Self::New(created) => created.into_response(),
            Self::Replaced(tagged) => tagged.into_response(),
        }
    }
}

impl<T: Serialize> IntoResponse for Read<T> {
    fn into_response(self) -> Response {
        if self.is_known {
            return with_etag(not_modified(), &self.found.etag);
        }
        Tagged(self.found).into_response()
    }
}

impl IntoResponse for Deleted {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl<T: JsonSchema> Describe for Tagged<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.versioned::<T>(200, format!("The {} as it is now.", name::<T>()));
    }
}

impl<T: JsonSchema> Describe for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.versioned::<T>(201, format!("The new {}.", name::<T>()));
    }
}

impl<T: JsonSchema> Describe for Saved<T> {
    fn describe(operation: &mut Operation<'_>) {
        Created::<T>::describe(operation);
        Tagged::<T>::describe(operation);
    }
}

impl<T: JsonSchema> Describe for Read<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.versioned::<T>(200, format!("The {}.", name::<T>()));
        operation.empty(304, "The caller has this version.");
    }
}

impl Describe for Deleted {
    fn describe(operation: &mut Operation<'_>) {
        operation.empty(204, "It is gone.");
    }
}

impl<T: JsonSchema> Describe for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.answer::<T>(200, format!("The {}.", name::<T>()));
    }
}

/// "note page" for `NotePage`.
fn name<T: JsonSchema>() -> String {
    let mut words = String::new();
    for character in T::schema_name().chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}
