//! Every problem type a caller can meet (RFC 9457): its code never changes.

use axum::http::StatusCode;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// Stable: programs may depend on it.
    pub code: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
}

impl ProblemType {
    /// The type's URI, on this service.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("/api/docs/problems/{}", self.code)
    }
}

macro_rules! problem_types {
    ($($name:ident: $status:ident, $code:literal, $title:literal;)*) => {
        $(pub const $name: ProblemType = ProblemType {
            code: $code,
            status: StatusCode::$status,
            title: $title,
        };)*
        /// All of them.
        pub const ALL: &[&ProblemType] = &[$(&$name),*];
    };
}

problem_types! {
    MALFORMED_REQUEST: BAD_REQUEST, "malformed-request", "The request cannot be read";
    INVALID_PARAMETER: BAD_REQUEST, "invalid-parameter", "A parameter is not valid";
    INVALID_CONTINUATION: BAD_REQUEST, "invalid-continuation", "The continuation token is not one of this list";
    UNAUTHENTICATED: UNAUTHORIZED, "unauthenticated", "The caller is not known";
    ROLE_TOO_LOW: FORBIDDEN, "role-too-low", "The caller's role in the workspace is too low";
    NO_SUCH_ROUTE: NOT_FOUND, "no-such-route", "There is nothing at this path";
    NOT_FOUND: NOT_FOUND, "not-found", "There is no such resource";
    METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED, "method-not-allowed", "The resource does not take this method";
    MOVING: CONFLICT, "moving", "The project is being moved";
    LAST_OWNER: CONFLICT, "last-owner", "The workspace would have no owner";
    TOO_MANY_MEMBERS: CONFLICT, "too-many-members", "The workspace has as many members as it can have";
    WORKSPACE_NOT_EMPTY: CONFLICT, "workspace-not-empty", "The workspace has projects";
    ALREADY_EXISTS: CONFLICT, "already-exists", "The resource exists already";
    CONTENDED: CONFLICT, "contended", "The resource keeps changing";
    PRECONDITION_FAILED: PRECONDITION_FAILED, "precondition-failed", "The resource is not the version that was meant";
    BODY_TOO_LARGE: PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large";
    UNSUPPORTED_MEDIA_TYPE: UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is of the wrong media type";
    VALIDATION_FAILED: UNPROCESSABLE_ENTITY, "validation-failed", "The body is not valid";
    IDEMPOTENCY_KEY_REUSED: UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The idempotency key came with another request";
    THROTTLED: TOO_MANY_REQUESTS, "throttled", "Storage throttles requests";
    INTERNAL: INTERNAL_SERVER_ERROR, "internal", "Something went wrong here";
    STORAGE_NOT_CONFIGURED: SERVICE_UNAVAILABLE, "storage-not-configured", "Storage is not configured";
    STORAGE_MISCONFIGURED: SERVICE_UNAVAILABLE, "storage-misconfigured", "The storage settings cannot be used";
    STORAGE_UNAVAILABLE: SERVICE_UNAVAILABLE, "storage-unavailable", "Storage cannot be reached";
    ISSUER_UNAVAILABLE: SERVICE_UNAVAILABLE, "issuer-unavailable", "Tokens cannot be checked now";
    OVERLOADED: SERVICE_UNAVAILABLE, "overloaded", "Too many requests at the same time";
    DEADLINE_EXCEEDED: GATEWAY_TIMEOUT, "deadline-exceeded", "The request took too long";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_problem_types_share_a_code() {
        let mut codes: Vec<_> = ALL.iter().map(|kind| kind.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len());
    }
}
