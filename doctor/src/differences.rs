//! What two definitions of a container mean differently.
//!
//! Not how they are written: the service leaves out what is the default, sorts paths as it likes, and
//! excludes `_etag` from the index by itself.

use serde_json::Value;
use std::collections::BTreeSet;

/// Sentences that begin with a JSON pointer into the definition; none where all is as defined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Paths, kind and version of the partition key.
    pub(crate) partition_key: Vec<String>,
    /// The default time to live of items.
    pub(crate) time_to_live: Vec<String>,
    /// The indexing policy.
    pub(crate) indexing: Vec<String>,
}

impl Differences {
    pub(crate) fn between(defined: &Value, found: &Value) -> Self {
        let both = [defined, found];
        let value = |pointer, default: Value| differing_value(both, pointer, &default);
        let set = |pointer, name| differing_set(both, pointer, name);
        Self {
            partition_key: [
                value("/partitionKey/paths", Value::Null),
                value("/partitionKey/kind", "Hash".into()),
                value("/partitionKey/version", 1.into()),
            ]
            .concat(),
            time_to_live: value("/defaultTtl", Value::Null),
            indexing: [
                value("/indexingPolicy/indexingMode", "consistent".into()),
                value("/indexingPolicy/automatic", true.into()),
                set("/indexingPolicy/includedPaths", path),
                set("/indexingPolicy/excludedPaths", path),
                set("/indexingPolicy/compositeIndexes", composite),
                set("/indexingPolicy/spatialIndexes", Value::to_string),
                set("/indexingPolicy/vectorIndexes", Value::to_string),
                set("/indexingPolicy/fullTextIndexes", Value::to_string),
            ]
            .concat(),
        }
    }
}

/// `default` is what an absent value means.
fn differing_value(both: [&Value; 2], pointer: &str, default: &Value) -> Vec<String> {
    let [defined, found] = both.map(|definition| {
        let value = definition.pointer(pointer).filter(|value| !value.is_null());
        value.unwrap_or(default)
    });
    let same = match (defined.as_str(), found.as_str()) {
        (Some(defined), Some(found)) => defined.eq_ignore_ascii_case(found),
        _ => defined == found,
    };
    let sentence = || {
        format!(
            "{pointer} is {}, should be {}",
            shown(found),
            shown(defined)
        )
    };
    (!same).then(sentence).into_iter().collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "absent".to_owned(),
        value => value.to_string(),
    }
}

/// `name` tells elements apart.
fn differing_set(both: [&Value; 2], pointer: &str, name: fn(&Value) -> String) -> Vec<String> {
    let read = |definition: &Value| -> BTreeSet<String> {
        let elements = definition.pointer(pointer).and_then(Value::as_array);
        let names = elements.into_iter().flatten().map(name);
        names.filter(|name| name != EXCLUDED_ANYWAY).collect()
    };
    let [defined, found] = both.map(read);
    let lacking = defined.difference(&found);
    let besides = found.difference(&defined);
    lacking
        .map(|name| format!("{pointer} lacks {name}"))
        .chain(besides.map(|name| format!("{pointer} has {name} besides")))
        .collect()
}

const EXCLUDED_ANYWAY: &str = "/_etag/?";

/// Quotes around a segment mean nothing here.
fn path(element: &Value) -> String {
    let path = element["path"].as_str().unwrap_or_default();
    path.replace('"', "")
}

fn composite(index: &Value) -> String {
    let columns = index.as_array().into_iter().flatten().map(|column| {
        let order = column["order"].as_str().unwrap_or("ascending");
        format!("{} {}", path(column), order.to_lowercase())
    });
    format!("({})", columns.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NONE: Differences = Differences {
        partition_key: Vec::new(),
        time_to_live: Vec::new(),
        indexing: Vec::new(),
    };

    fn defined() -> Value {
        json!({
            "partitionKey": {"paths": ["/partitionKey"], "kind": "Hash", "version": 2},
            "defaultTtl": -1,
            "indexingPolicy": {
                "automatic": true,
                "indexingMode": "consistent",
                "includedPaths": [{"path": "/*"}],
                "excludedPaths": [{"path": "/\"description\"/?"}],
                "compositeIndexes": [
                    [{"path": "/createdAt"}, {"path": "/id", "order": "ascending"}],
                    [{"path": "/createdAt", "order": "descending"}, {"path": "/id", "order": "descending"}],
                    [{"path": "/name"}, {"path": "/id", "order": "ascending"}],
                    [{"path": "/name", "order": "descending"}, {"path": "/id", "order": "descending"}],
                ],
            },
        })
    }

    fn with(change: impl FnOnce(&mut Value)) -> Differences {
        let mut found = defined();
        change(&mut found);
        Differences::between(&defined(), &found)
    }

    #[test]
    fn what_the_service_writes_differently_is_no_difference() {
        let differences = with(|found| {
            found["id"] = "items".into();
            found["_ts"] = 1.into();
            found["geospatialConfig"] = json!({"type": "Geography"});
            let policy = &mut found["indexingPolicy"];
            policy["indexingMode"] = "Consistent".into();
            policy["automatic"] = Value::Null;
            policy["excludedPaths"] = json!([{"path": "/\"description\"/?"}]);
            policy["spatialIndexes"] = json!([]);
            policy["compositeIndexes"].as_array_mut().unwrap().reverse();
            found["partitionKey"]["kind"] = Value::Null;
        });
        assert_eq!(differences, NONE);
    }

    #[test]
    fn every_difference_is_named_by_its_place() {
        let differences = with(|found| {
            found["partitionKey"] = json!({"paths": ["/tenant"], "kind": "MultiHash"});
            found["defaultTtl"] = 3600.into();
            found["indexingPolicy"] = json!({
                "indexingMode": "none",
                "automatic": false,
                "includedPaths": [{"path": "/name/?"}],
                "vectorIndexes": [{"path": "/v", "type": "flat"}],
            });
        });
        assert_eq!(
            differences.partition_key,
            [
                r#"/partitionKey/paths is ["/tenant"], should be ["/partitionKey"]"#,
                r#"/partitionKey/kind is "MultiHash", should be "Hash""#,
                "/partitionKey/version is 1, should be 2",
            ]
        );
        assert_eq!(
            differences.time_to_live,
            ["/defaultTtl is 3600, should be -1"]
        );
        assert_eq!(
            differences.indexing,
            [
                r#"/indexingPolicy/indexingMode is "none", should be "consistent""#,
                "/indexingPolicy/automatic is false, should be true",
                "/indexingPolicy/includedPaths lacks /*",
                "/indexingPolicy/includedPaths has /name/? besides",
                "/indexingPolicy/excludedPaths lacks /description/?",
                "/indexingPolicy/compositeIndexes lacks (/createdAt ascending, /id ascending)",
                "/indexingPolicy/compositeIndexes lacks (/createdAt descending, /id descending)",
                "/indexingPolicy/compositeIndexes lacks (/name ascending, /id ascending)",
                "/indexingPolicy/compositeIndexes lacks (/name descending, /id descending)",
                r#"/indexingPolicy/vectorIndexes has {"path":"/v","type":"flat"} besides"#,
            ]
        );
    }

    #[test]
    fn the_order_within_a_composite_index_matters() {
        let differences = with(|found| {
            let first = &mut found["indexingPolicy"]["compositeIndexes"][0];
            first.as_array_mut().unwrap().reverse();
        });
        assert_eq!(differences.indexing.len(), 2, "{differences:?}");
    }

    #[test]
    fn an_absent_time_to_live_is_off() {
        let differences = with(|found| {
            found.as_object_mut().unwrap().remove("defaultTtl");
        });
        assert_eq!(
            differences.time_to_live,
            ["/defaultTtl is absent, should be -1"]
        );
    }
}
