//! When an item of a container expires: the rules of Cosmos DB's time to live (TTL).

use serde_json::{Value, json};

/// What a container's definition says about expiry.
#[derive(Debug, Clone)]
pub(crate) struct TimeToLive {
    /// Seconds for items without a `ttl` of their own; none when they stay.
    default: Option<u64>,
    partition_key_paths: Vec<String>,
}

impl TimeToLive {
    /// Returns `None` when items of the container never expire, whatever their `ttl`.
    pub(crate) fn of_container(container: &Value) -> Option<Self> {
        let default = container["defaultTtl"].as_i64()?;
        let paths = container["partitionKey"]["paths"].as_array()?;
        Some(Self {
            default: u64::try_from(default).ok(),
            partition_key_paths: paths
                .iter()
                .filter_map(|path| path.as_str().map(str::to_owned))
                .collect(),
        })
    }

    /// Whether items without a `ttl` expire.
    pub(crate) fn has_default(&self) -> bool {
        self.default.is_some()
    }

    /// The second since 1970 at which `item` is no longer there.
    pub(crate) fn expires_at(&self, item: &Value) -> Option<u64> {
        let seconds = match item.get("ttl") {
            None | Some(Value::Null) => self.default,
            Some(own) => own.as_u64().filter(|seconds| *seconds > 0),
        }?;
        Some(item["_ts"].as_u64()? + seconds)
    }

    /// The item's partition key in the form of its header.
    pub(crate) fn partition_key(&self, item: &Value) -> String {
        let paths = self.partition_key_paths.iter().map(String::as_str);
        key_at(paths, item)
    }
}

/// The partition key of an item in a container that is defined so, in the form of its header.
pub(crate) fn partition_key(container: &Value, item: &Value) -> String {
    let paths = container["partitionKey"]["paths"].as_array();
    key_at(paths.into_iter().flatten().filter_map(Value::as_str), item)
}

fn key_at<'a>(paths: impl Iterator<Item = &'a str>, item: &Value) -> String {
    // A missing value, "undefined" to Cosmos, is written as an empty object.
    let undefined = json!({});
    let values: Vec<&Value> = paths
        .map(|path| item.pointer(path).unwrap_or(&undefined))
        .collect();
    json!(values).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(default_ttl: impl Into<Value>) -> Option<TimeToLive> {
        TimeToLive::of_container(&json!({
            "defaultTtl": default_ttl.into(),
            "partitionKey": { "paths": ["/tenant/id", "/kind"] },
        }))
    }

    #[test]
    fn an_items_own_ttl_counts_only_when_the_container_has_one() {
        assert!(container(Value::Null).is_none());
        let container = container(-1).unwrap();
        assert_eq!(
            container.expires_at(&json!({ "_ts": 100, "ttl": 5 })),
            Some(105)
        );
        assert_eq!(container.expires_at(&json!({ "_ts": 100 })), None);
    }

    #[test]
    fn an_items_own_ttl_goes_before_the_default() {
        let container = container(60).unwrap();
        assert_eq!(container.expires_at(&json!({ "_ts": 100 })), Some(160));
        assert_eq!(
            container.expires_at(&json!({ "_ts": 100, "ttl": null })),
            Some(160)
        );
        assert_eq!(
            container.expires_at(&json!({ "_ts": 100, "ttl": 5 })),
            Some(105)
        );
        assert_eq!(
            container.expires_at(&json!({ "_ts": 100, "ttl": -1 })),
            None
        );
    }

    #[test]
    fn a_partition_key_is_read_from_the_item() {
        let container = container(60).unwrap();
        let item = json!({ "tenant": { "id": "a" } });
        assert_eq!(container.partition_key(&item), r#"["a",{}]"#);
    }
}
