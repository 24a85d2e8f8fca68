//! Items vanish at the second they expire: each version that expires is remembered when it is
//! written and deleted before the first request after its time.

use crate::account::{Account, ItemPath};
use crate::lock::lock;
use crate::request::CosmosRequest;
use crate::resource::Resource;
use crate::time_to_live::{TimeToLive, partition_key};
use anyhow::Context;
use azure_core::http::Method;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// A database's name and a container's.
type ContainerName = (String, String);

#[derive(Debug, Default)]
pub(crate) struct Expiry {
    /// How far this clock is ahead of the system's, which stamps the items (`_ts`).
    ahead: Mutex<Duration>,
    versions: Mutex<BTreeSet<ExpiringVersion>>,
    containers: Mutex<HashMap<ContainerName, Option<TimeToLive>>>,
    /// Held while expired items are deleted: no other request may see one of them meanwhile.
    deleting: tokio::sync::Mutex<()>,
}

/// Ordered by the moment it expires, on the clock that can be advanced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ExpiringVersion {
    expires_at: Duration,
    container: ContainerName,
    partition_key: String,
    id: String,
    etag: String,
}

impl ExpiringVersion {
    fn path(&self) -> ItemPath<'_> {
        ItemPath {
            database: &self.container.0,
            container: &self.container.1,
            partition_key: &self.partition_key,
            id: &self.id,
        }
    }
}

impl Expiry {
    pub(crate) fn advance_clock(&self, by: Duration) {
        *lock(&self.ahead) += by;
    }

    /// Deletes what has expired.
    pub(crate) async fn delete_expired(&self, account: &Account) {
        if self.expired().is_empty() {
            return;
        }
        let _deleting = self.deleting.lock().await;
        for version in self.expired() {
            // Not possible while its partition is split or no region takes writes: it is tried
            // again before the next request.
            if account
                .delete_item(version.path(), &version.etag)
                .await
                .is_ok()
            {
                lock(&self.versions).remove(&version);
            }
        }
    }

    /// Remembers what a request that succeeded has written and when that expires.
    pub(crate) async fn observe(
        &self,
        account: &Account,
        request: &CosmosRequest,
    ) -> anyhow::Result<()> {
        if request.method == Method::Get {
            return Ok(());
        }
        match request.resource {
            Resource::Item | Resource::Batch => self.observe_items(account, request).await,
            Resource::Database => {
                lock(&self.containers).clear();
                Ok(())
            }
            Resource::Container => {
                lock(&self.containers).clear();
                self.observe_container(account, request).await
            }
            _ => Ok(()),
        }
    }

    async fn observe_items(
        &self,
        account: &Account,
        request: &CosmosRequest,
    ) -> anyhow::Result<()> {
        let Some(container) = container_of(request) else {
            return Ok(());
        };
        let Some(rules) = self.rules(account, &container).await? else {
            return Ok(());
        };
        let partition_key = match &request.partition_key {
            Some(header) => header.clone(),
            None => rules.partition_key(&request.decode::<Value>().unwrap_or_default()),
        };
        let written = request.items().into_iter().filter(|item| item.is_written);
        for item in written.filter(|item| item.may_have_ttl || rules.has_default()) {
            let path = ItemPath {
                database: &container.0,
                container: &container.1,
                partition_key: &partition_key,
                id: &item.id,
            };
            if let Some(item) = account.read_item(path).await? {
                self.remember(&container, &rules, &item);
            }
        }
        Ok(())
    }

    /// A container that was redefined may have other rules for the items it already has.
    async fn observe_container(
        &self,
        account: &Account,
        request: &CosmosRequest,
    ) -> anyhow::Result<()> {
        let Some(container) = container_of(request) else {
            return Ok(());
        };
        lock(&self.versions).retain(|version| version.container != container);
        if let Some(rules) = self.rules(account, &container).await? {
            for item in account.read_items(&container.0, &container.1).await? {
                self.remember(&container, &rules, &item);
            }
        }
        Ok(())
    }

    /// Creates an item that was kept, as old as it was. One that has expired meanwhile is left out.
    pub(crate) async fn restore(
        &self,
        account: &Account,
        container: &ContainerName,
        item: &Value,
    ) -> anyhow::Result<()> {
        let definition = account.read_container(&container.0, &container.1).await?;
        let definition = definition.context("there is no such container")?;
        let rules = self.rules(account, container).await?;
        let expires_at = rules.as_ref().and_then(|rules| rules.expires_at(item));
        if expires_at.is_some_and(|second| Duration::from_secs(second) <= self.now()) {
            return Ok(());
        }
        let partition_key = partition_key(&definition, item);
        let mut created = account
            .create_item(&container.0, &container.1, &partition_key, item)
            .await?;
        created["_ts"] = item["_ts"].clone();
        if let Some(rules) = rules {
            self.remember(container, &rules, &created);
        }
        Ok(())
    }

    fn remember(&self, container: &ContainerName, rules: &TimeToLive, item: &Value) {
        let (Some(id), Some(etag), Some(expires_at)) = (
            item["id"].as_str(),
            item["_etag"].as_str(),
            rules.expires_at(item),
        ) else {
            return;
        };
        let expires_at = Duration::from_secs(expires_at) + *lock(&self.ahead);
        lock(&self.versions).insert(ExpiringVersion {
            expires_at,
            container: container.clone(),
            partition_key: rules.partition_key(item),
            id: id.to_owned(),
            etag: etag.to_owned(),
        });
    }

    async fn rules(
        &self,
        account: &Account,
        name: &ContainerName,
    ) -> anyhow::Result<Option<TimeToLive>> {
        if let Some(known) = lock(&self.containers).get(name) {
            return Ok(known.clone());
        }
        let Some(container) = account.read_container(&name.0, &name.1).await? else {
            return Ok(None);
        };
        let rules = TimeToLive::of_container(&container);
        lock(&self.containers).insert(name.clone(), rules.clone());
        Ok(rules)
    }

    /// Since 1970.
    fn now(&self) -> Duration {
        SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default() + *lock(&self.ahead)
    }

    fn expired(&self) -> Vec<ExpiringVersion> {
        let now = self.now();
        let versions = lock(&self.versions);
        versions
            .iter()
            .take_while(|version| version.expires_at <= now)
            .cloned()
            .collect()
    }
}

fn container_of(request: &CosmosRequest) -> Option<ContainerName> {
    Some((request.database.clone()?, request.container.clone()?))
}
