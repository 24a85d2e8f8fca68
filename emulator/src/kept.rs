//! The data in a file that a person can read, from one start to the next.

use crate::account::{Account, found};
use crate::expiry::Expiry;
use crate::time_to_live::partition_key;
use anyhow::{Context, anyhow};
use azure_core::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

const FILE: &str = "cosmos.json";

/// What the account gives to an item anew. `_ts` stays: the time to live counts from it.
const MADE_BY_THE_ACCOUNT: [&str; 5] = ["_rid", "_self", "_etag", "_attachments", "_lsn"];

/// Containers by database and name.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Data(BTreeMap<String, BTreeMap<String, KeptContainer>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptContainer {
    definition: Value,
    items: Vec<Value>,
}

impl Data {
    /// What is in a folder; nothing when nothing was kept there.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let data = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(Into::into),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => Err(error),
        };
        data.with_context(|| cannot("read", &path))
    }

    /// Replaces the file as a whole: a reader, also after a crash, finds the old one or this one.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(FILE);
        let write = || {
            fs::create_dir_all(folder)?;
            let new = folder.join(format!(".{FILE}.new"));
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().with_context(|| cannot("write", &path))
    }

    /// Everything that is in the account now.
    pub(crate) async fn of(account: &Account) -> anyhow::Result<Self> {
        let mut databases = BTreeMap::new();
        for database in account.names(&["dbs"], "Databases").await? {
            let mut containers = BTreeMap::new();
            let path = ["dbs", &database, "colls"];
            for container in account.names(&path, "DocumentCollections").await? {
                let definition = account.read_container(&database, &container).await?;
                let definition = definition.unwrap_or_default();
                let items = account.read_items(&database, &container).await?;
                let kept = KeptContainer {
                    items: in_order(&definition, items),
                    definition: without(definition, |name| name.starts_with('_')),
                };
                containers.insert(container, kept);
            }
            databases.insert(database, containers);
        }
        Ok(Self(databases))
    }

    /// Puts it into the account, but for what has expired since. A container that is there keeps its definition.
    pub(crate) async fn load(self, account: &Account, expiry: &Expiry) -> anyhow::Result<()> {
        for (database, containers) in self.0 {
            if !account.database_exists(&database).await? {
                account.create_database(&database).await?;
            }
            for (name, container) in containers {
                if account.read_container(&database, &name).await?.is_none() {
                    let definition = &container.definition;
                    account.define_container(&database, definition).await?;
                }
                let loading = || format!("cannot load {database}/{name}");
                let place = (database.clone(), name.clone());
                for item in container.items {
                    let restored = expiry.restore(account, &place, &item).await;
                    restored.with_context(loading)?;
                }
            }
        }
        Ok(())
    }
}

impl Account {
    /// The ids in a feed.
    pub(crate) async fn names(&self, path: &[&str], feed: &str) -> anyhow::Result<Vec<String>> {
        let listed = found(&self.call(Method::Get, path, &[], None).await?)?;
        let listed = listed.ok_or_else(|| anyhow!("there is no {}", path.join("/")))?;
        let listed = listed[feed].as_array().map_or(&[][..], Vec::as_slice);
        let names = listed.iter().filter_map(|resource| resource["id"].as_str());
        Ok(names.map(str::to_owned).collect())
    }
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", path.display())
}

/// As they were written, by partition key and id.
fn in_order(definition: &Value, items: Vec<Value>) -> Vec<Value> {
    let items = items.into_iter();
    let mut items: Vec<_> = items
        .map(|item| without(item, |name| MADE_BY_THE_ACCOUNT.contains(&name)))
        .collect();
    items.sort_by_cached_key(|item| (partition_key(definition, item), item["id"].to_string()));
    items
}

fn without(mut resource: Value, is_unwanted: impl Fn(&str) -> bool) -> Value {
    if let Some(fields) = resource.as_object_mut() {
        fields.retain(|name, _| !is_unwanted(name));
    }
    resource
}
