//! What SDKs read of the account before they come to items. There is one database and one container; they have
//! whatever names they are asked for by.

use serde_json::{Value, json};

const DATABASE_RID: &str = "xAsdAA==";
const CONTAINER_RID: &str = "xAsdAKl0hQA=";
pub(crate) const ETAG: &str = "\"00000a01-0000-0d00-0000-6955b9000000\"";
const TIME: u64 = 1_767_225_600;

/// The account, all in one region.
pub(crate) fn account(url: &str) -> Value {
    let here = json!([{ "name": "West Europe", "databaseAccountEndpoint": format!("{url}/") }]);
    json!({
        "id": "bench",
        "_rid": "bench.sql.cosmos.azure.com",
        "_self": "",
        "media": "//media/",
        "addresses": "//addresses/",
        "_dbs": "//dbs/",
        "writableLocations": here,
        "readableLocations": here,
        "enableMultipleWriteLocations": false,
        "continuousBackupEnabled": false,
        "enableNRegionSynchronousCommit": false,
        "enablePerPartitionFailoverBehavior": false,
        "userReplicationPolicy": {
            "asyncReplication": false, "minReplicaSetSize": 3, "maxReplicasetSize": 4
        },
        "userConsistencyPolicy": { "defaultConsistencyLevel": "Session" },
        "systemReplicationPolicy": { "minReplicaSetSize": 3, "maxReplicasetSize": 4 },
        "readPolicy": { "primaryReadCoefficient": 1, "secondaryReadCoefficient": 1 },
        "queryEngineConfiguration": "{}"
    })
}

pub(crate) fn database(name: &str) -> Value {
    json!({
        "id": name,
        "_rid": DATABASE_RID,
        "_self": format!("dbs/{DATABASE_RID}/"),
        "_etag": ETAG,
        "_ts": TIME,
        "_colls": "colls/",
        "_users": "users/"
    })
}

/// Where the definition of the container matters to an SDK, it is that of `infra/container.json`.
pub(crate) fn container(name: &str) -> Value {
    json!({
        "id": name,
        "partitionKey": { "paths": ["/partitionKey"], "kind": "Hash", "version": 2 },
        "indexingPolicy": {
            "indexingMode": "consistent",
            "automatic": true,
            "includedPaths": [{ "path": "/*" }],
            "excludedPaths": [{ "path": "/\"_etag\"/?" }]
        },
        "conflictResolutionPolicy": {
            "mode": "LastWriterWins",
            "conflictResolutionPath": "/_ts",
            "conflictResolutionProcedure": ""
        },
        "geospatialConfig": { "type": "Geography" },
        "defaultTtl": -1,
        "_rid": CONTAINER_RID,
        "_self": format!("dbs/{DATABASE_RID}/colls/{CONTAINER_RID}/"),
        "_etag": ETAG,
        "_ts": TIME,
        "_docs": "docs/",
        "_sprocs": "sprocs/",
        "_triggers": "triggers/",
        "_udfs": "udfs/",
        "_conflicts": "conflicts/"
    })
}

/// One range: one physical partition holds all keys.
pub(crate) fn partition_key_ranges() -> Value {
    json!({
        "_rid": CONTAINER_RID,
        "_count": 1,
        "PartitionKeyRanges": [{
            "id": "0",
            "_rid": "xAsdAKl0hQACAAAAAAAAUA==",
            "_self": format!("dbs/{DATABASE_RID}/colls/{CONTAINER_RID}/pkranges/xAsdAKl0hQACAAAAAAAAUA==/"),
            "_etag": ETAG,
            "_ts": TIME,
            "_lsn": 1,
            "minInclusive": "",
            "maxExclusive": "FF",
            "ridPrefix": 0,
            "throughputFraction": 1,
            "status": "online",
            "parents": [],
            "vectorClockVersion": 1
        }]
    })
}

/// A page of items.
pub(crate) fn feed(items: &[Value]) -> Value {
    json!({ "_rid": CONTAINER_RID, "_count": items.len(), "Documents": items })
}
