//! Every problem type a caller can meet (RFC 9457): its code never changes.

pub use axum::http::StatusCode;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// Stable: programs may depend on it.
    pub code: &'static str,
    /// The status of the answer.
    pub status: StatusCode,
    /// The kind in a few words, the same at every occurrence.
    pub title: &'static str,
    /// The meaning, in a sentence or two.
    pub meaning: &'static str,
    /// What the caller can do.
    pub advice: &'static str,
}

impl ProblemType {
    /// The type's URI, on this service.
    pub fn uri(&self) -> String {
        format!("/api/docs/problems/{}", self.code)
    }
}

/// Declares problem types, and `ALL` of them.
#[macro_export]
macro_rules! problem_types {
    ($($name:ident: $status:ident, $code:literal, $title:literal, $meaning:literal, $advice:literal;)*) => {
        $(#[doc = $meaning]
        pub const $name: $crate::problem_type::ProblemType = $crate::problem_type::ProblemType {
            code: $code,
            status: $crate::problem_type::StatusCode::$status,
            title: $title,
            meaning: $meaning,
            advice: $advice,
        };)*
        /// All of them.
        pub const ALL: &[&$crate::problem_type::ProblemType] = &[$(&$name),*];
    };
}

problem_types! {
    MALFORMED_REQUEST: BAD_REQUEST, "malformed-request", "The request cannot be read",
        "The request or its body cannot be read as what it says it is.",
        "Correct it as `detail` says.";
    INVALID_PARAMETER: BAD_REQUEST, "invalid-parameter", "A parameter is not valid",
        "A value in the path, the query or a header is wrong.",
        "Correct what `errors` names.";
    INVALID_CONTINUATION: BAD_REQUEST, "invalid-continuation", "The continuation token is not one of this list",
        "The continuation token was made for another list, or changed.",
        "Start the list again without it.";
    UNAUTHENTICATED: UNAUTHORIZED, "unauthenticated", "The caller is not known",
        "The request has no credentials, or they are not good.",
        "Sign in and bring a new token; `WWW-Authenticate` says which.";
    INSUFFICIENT_PERMISSION: FORBIDDEN, "insufficient-permission", "The caller was not given access to this API",
        "The caller has neither the scope nor one of the app roles that this API asks for.",
        "Ask for a token with the scope, or have the role assigned.";
    NO_SUCH_ROUTE: NOT_FOUND, "no-such-route", "There is nothing at this path",
        "No operation of this API has this path.",
        "Compare the path with the contract, `/api/openapi.json`.";
    NOT_FOUND: NOT_FOUND, "not-found", "There is no such resource",
        "There is no such resource, or it is not for this caller to see.",
        "Check the id, and whether the caller is a member.";
    METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED, "method-not-allowed", "The resource does not take this method",
        "The resource is there, but not for this method.",
        "Take one that `Allow` names.";
    ALREADY_EXISTS: CONFLICT, "already-exists", "The resource exists already",
        "Something with this id is there already.",
        "Read it, or take another id.";
    CONTENDED: CONFLICT, "contended", "The resource keeps changing",
        "Others changed the resource again and again meanwhile.",
        "Wait as `Retry-After` says and repeat the request.";
    PRECONDITION_FAILED: PRECONDITION_FAILED, "precondition-failed", "The resource is not the version that was meant",
        "What `If-Match` or `If-None-Match` says of the resource does not hold.",
        "Read it again, and repeat the change with its new `ETag`.";
    BODY_TOO_SLOW: REQUEST_TIMEOUT, "body-too-slow", "The body did not arrive in time",
        "The body of the request did not arrive as a whole within 10 seconds.",
        "Send it again.";
    BODY_TOO_LARGE: PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large",
        "The body has more than 2 MiB, or the item would be too large for storage.",
        "Send less.";
    UNSUPPORTED_MEDIA_TYPE: UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is of the wrong media type",
        "The body is not of a media type the operation reads.",
        "Send what `Accept` or `Accept-Patch` names, uncompressed.";
    VALIDATION_FAILED: UNPROCESSABLE_ENTITY, "validation-failed", "The body is not valid",
        "The body is JSON, but its fields are not as they must be.",
        "Correct what `errors` names.";
    IDEMPOTENCY_KEY_REUSED: UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The idempotency key came with another request",
        "The caller has used the idempotency key within 24 hours, with another path or body.",
        "Take a new key for a new request.";
    PARTITION_FULL: INSUFFICIENT_STORAGE, "partition-full", "There is no room left",
        "The partition of storage that this belongs to has the 20 GB that one can have.",
        "Delete something there, or go on elsewhere.";
    THROTTLED: TOO_MANY_REQUESTS, "throttled", "Storage throttles requests",
        "Storage gets more requests than it is provisioned for.",
        "Wait as `Retry-After` says and repeat the request.";
    INTERNAL: INTERNAL_SERVER_ERROR, "internal", "Something went wrong here",
        "Something unforeseen happened.",
        "Report it with the `instance`, by which it is found in the log.";
    STORAGE_NOT_CONFIGURED: SERVICE_UNAVAILABLE, "storage-not-configured", "Storage is not configured",
        "Settings for storage are missing. Nothing was saved.",
        "Set what `/api/health/ready` names.";
    STORAGE_MISCONFIGURED: SERVICE_UNAVAILABLE, "storage-misconfigured", "The storage settings cannot be used",
        "Settings for storage cannot be used. Nothing was saved.",
        "Correct what `/api/health/ready` names.";
    STORAGE_UNAVAILABLE: SERVICE_UNAVAILABLE, "storage-unavailable", "Storage cannot be reached",
        "Storage does not answer, or refuses this app.",
        "Wait as `Retry-After` says and repeat the request; `/api/health/ready` says more.";
    ISSUER_UNAVAILABLE: SERVICE_UNAVAILABLE, "issuer-unavailable", "Tokens cannot be checked now",
        "The keys that tokens are checked with cannot be had.",
        "Wait as `Retry-After` says and repeat the request.";
    OVERLOADED: SERVICE_UNAVAILABLE, "overloaded", "Too many requests at the same time",
        "More requests than can be carried out came at the same moment. Nothing was done.",
        "Wait as `Retry-After` says and repeat the request.";
    DEADLINE_EXCEEDED: GATEWAY_TIMEOUT, "deadline-exceeded", "The request took too long",
        "The request took longer than it may. A change may or may not have been made.",
        "Read what was to be changed, or repeat the request with the same `Idempotency-Key`.";
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
