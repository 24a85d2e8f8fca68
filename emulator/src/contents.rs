//! What is in the account, for people: containers, partitions and their items.

use crate::account::Account;
use crate::time_to_live::partition_key;
use anyhow::Context;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where items say what they are, by the usual names.
const KINDS: [&str; 4] = ["docType", "kind", "type", "entity"];

/// Items that are shown of one partition.
const SHOWN: usize = 1_000;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Container {
    database: String,
    container: String,
}

/// A partition key's items.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Partition {
    /// In the form of its header, such as `["a"]`.
    partition_key: String,
    /// How many there are of each kind.
    kinds: BTreeMap<String, usize>,
}

impl Account {
    pub(crate) async fn containers(&self) -> anyhow::Result<Vec<Container>> {
        let mut containers = Vec::new();
        for database in self.names(&["dbs"], "Databases").await? {
            let path = ["dbs", &database, "colls"];
            for container in self.names(&path, "DocumentCollections").await? {
                let database = database.clone();
                containers.push(Container {
                    database,
                    container,
                });
            }
        }
        Ok(containers)
    }

    /// The partition keys of a container, in their order.
    pub(crate) async fn partitions(
        &self,
        database: &str,
        container: &str,
    ) -> anyhow::Result<Vec<Partition>> {
        let mut partitions = BTreeMap::<String, Partition>::new();
        for (partition_key, item) in self.items_with_keys(database, container).await? {
            let partition = partitions.entry(partition_key).or_default();
            *partition.kinds.entry(kind(&item).to_owned()).or_default() += 1;
        }
        let named = partitions.into_iter();
        let named = named.map(|(partition_key, partition)| Partition {
            partition_key,
            ..partition
        });
        Ok(named.collect())
    }

    /// The items of a partition by kind, up to 1,000.
    pub(crate) async fn items_by_kind(
        &self,
        database: &str,
        container: &str,
        key: &str,
    ) -> anyhow::Result<BTreeMap<String, Vec<Value>>> {
        let mut kinds = BTreeMap::<String, Vec<Value>>::new();
        let items = self.items_with_keys(database, container).await?.into_iter();
        for (_, item) in items.filter(|(its, _)| its == key).take(SHOWN) {
            kinds.entry(kind(&item).to_owned()).or_default().push(item);
        }
        Ok(kinds)
    }

    async fn items_with_keys(
        &self,
        database: &str,
        container: &str,
    ) -> anyhow::Result<Vec<(String, Value)>> {
        let definition = self.read_container(database, container).await?;
        let definition = definition.context("there is no such container")?;
        let items = self.read_items(database, container).await?.into_iter();
        let keyed = items.map(|item| (partition_key(&definition, &item), item));
        Ok(keyed.collect())
    }
}

fn kind(item: &Value) -> &str {
    let named = KINDS.iter().find_map(|name| item[*name].as_str());
    named.unwrap_or("item")
}
