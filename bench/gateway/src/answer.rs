//! Answers with the headers that the service sends.

use crate::account;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// The same on every answer; their values are like those of an account in Azure.
const ALWAYS: [(&str, &str); 17] = [
    ("content-type", "application/json"),
    ("cache-control", "no-store, no-cache"),
    ("pragma", "no-cache"),
    ("strict-transport-security", "max-age=31536000"),
    (
        "x-ms-last-state-change-utc",
        "Thu, 01 Jan 2026 00:00:00.000 GMT",
    ),
    (
        "x-ms-resource-quota",
        "documentSize=51200;documentsSize=52428800;documentsCount=-1;collectionSize=52428800;",
    ),
    (
        "x-ms-resource-usage",
        "documentSize=0;documentsSize=512;documentsCount=1024;collectionSize=640;",
    ),
    ("x-ms-schemaversion", "1.19"),
    ("x-ms-serviceversion", "version=2.14.0.0"),
    ("x-ms-gatewayversion", "version=2.14.0"),
    ("x-ms-version", "2020-07-15"),
    ("x-ms-number-of-read-regions", "0"),
    ("x-ms-current-write-quorum", "3"),
    ("x-ms-current-replica-set-size", "4"),
    ("x-ms-xp-role", "1"),
    ("x-ms-documentdb-partitionkeyrangeid", "0"),
    ("x-ms-request-duration-ms", "0.412"),
];

/// What every answer begins with.
pub(crate) fn template() -> HeaderMap {
    let headers = ALWAYS.map(|(name, value)| {
        let value = HeaderValue::from_static(value);
        (HeaderName::from_static(name), value)
    });
    headers.into_iter().collect()
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    /// Request units.
    pub(crate) charge: f64,
    pub(crate) etag: Option<String>,
    pub(crate) continuation: Option<usize>,
    pub(crate) count: Option<usize>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>, charge: f64) -> Self {
        Self {
            status,
            body: body.into(),
            charge,
            etag: None,
            continuation: None,
            count: None,
        }
    }

    pub(crate) fn metadata(body: &Value) -> Self {
        Self {
            etag: Some(account::ETAG.to_owned()),
            ..Self::new(200, body.to_string(), 1.0)
        }
    }

    pub(crate) fn unchanged() -> Self {
        Self {
            etag: Some(account::ETAG.to_owned()),
            ..Self::new(304, Bytes::new(), 1.0)
        }
    }

    pub(crate) fn refused(status: u16, message: &str) -> Self {
        let code = match status {
            404 => "NotFound",
            409 => "Conflict",
            412 => "PreconditionFailed",
            501 => "NotImplemented",
            _ => "BadRequest",
        };
        let body = json!({ "code": code, "message": message });
        Self::new(status, body.to_string(), 1.0)
    }

    /// `lsn` is the position in the log that the answer is as of.
    pub(crate) fn into_response(
        self,
        template: &HeaderMap,
        activity: Option<HeaderValue>,
        lsn: u64,
    ) -> Response<Full<Bytes>> {
        let mut headers = template.clone();
        let activity =
            activity.or_else(|| value(&format!("{lsn:08x}-0000-4000-8000-000000000000")));
        let number = HeaderValue::from(lsn);
        for name in [
            "lsn",
            "x-ms-item-lsn",
            "x-ms-cosmos-llsn",
            "x-ms-cosmos-item-llsn",
            "x-ms-global-committed-lsn",
            "x-ms-quorum-acked-lsn",
            "x-ms-cosmos-quorum-acked-llsn",
            "x-ms-transport-request-id",
        ] {
            headers.insert(HeaderName::from_static(name), number.clone());
        }
        let some = [
            ("x-ms-activity-id", activity),
            ("x-ms-session-token", value(&format!("0:1#{lsn}#1={lsn}"))),
            ("x-ms-request-charge", value(&format!("{:.2}", self.charge))),
            ("etag", self.etag.as_deref().and_then(value)),
            (
                "x-ms-continuation",
                self.continuation.map(HeaderValue::from),
            ),
            ("x-ms-item-count", self.count.map(HeaderValue::from)),
        ];
        for (name, value) in some {
            if let Some(value) = value {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        *response.headers_mut() = headers;
        response
    }
}

fn value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}
