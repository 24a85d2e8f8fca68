//! The in-memory Cosmos DB account behind the gateway.

use crate::answer::Answer;
use crate::listener::Region;
use crate::options::Options;
use crate::time_to_live::partition_key;
use anyhow::{Context, anyhow, ensure};
use azure_core::http::{Method, RawResponse, Request};
use azure_data_cosmos_driver::in_memory_emulator::{
    ContainerConfig, EmulatorStore, InMemoryEmulatorHttpClient, ReplicationConfig,
    VirtualAccountConfig, VirtualRegion,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Request units a second that a container has to have; they are an offer to read even when they limit
/// nothing.
const MIN_THROUGHPUT: u64 = 400;

#[derive(Debug)]
pub(crate) struct Account {
    cosmos: InMemoryEmulatorHttpClient,
    /// Of the containers the emulator itself creates.
    pub(crate) partitions: ContainerConfig,
}

impl Account {
    pub(crate) fn new(regions: &[Region], options: &Options) -> anyhow::Result<Self> {
        let regions = regions
            .iter()
            .map(|region| VirtualRegion::new(&region.name, region.url.clone()))
            .collect();
        // Every region sees a write at once: what a test reads does not depend on time.
        let config = VirtualAccountConfig::new(regions)?
            .with_replication_config(ReplicationConfig::immediate())
            .with_throttling_enabled(options.throughput.is_some());
        let mut partitions = ContainerConfig::new().with_partition_count(options.partitions);
        let throughput = options.throughput.map_or(MIN_THROUGHPUT, u64::from);
        partitions = partitions.with_throughput(throughput);
        Ok(Self {
            cosmos: InMemoryEmulatorHttpClient::try_new(config)?,
            partitions: partitions.build()?,
        })
    }

    pub(crate) fn store(&self) -> Arc<EmulatorStore> {
        self.cosmos.store()
    }

    /// Throughput of a container that names none; it must not limit one that has no limit so far.
    pub(crate) fn default_throughput(&self) -> Option<u64> {
        let is_limited = self.store().config().throttling_enabled();
        (!is_limited).then_some(MIN_THROUGHPUT)
    }

    pub(crate) fn region_names(&self) -> Vec<String> {
        self.store().config().active_region_names()
    }

    /// Answers a request as a gateway does. Errors when the region is offline.
    pub(crate) async fn execute(&self, request: &Request) -> anyhow::Result<RawResponse> {
        let response = self.cosmos.execute_request(request).await?;
        Ok(response.try_into_raw_response().await?)
    }

    pub(crate) async fn read_item(&self, item: ItemPath<'_>) -> anyhow::Result<Option<Value>> {
        let headers = [("x-ms-documentdb-partitionkey", item.partition_key)];
        let path = item.segments();
        found(&self.call(Method::Get, &path, &headers, None).await?)
    }

    /// Queries the partition of an item.
    pub(crate) async fn query(
        &self,
        item: ItemPath<'_>,
        partition_key: &str,
        sql: &str,
    ) -> anyhow::Result<Answer> {
        let headers = [
            ("x-ms-documentdb-partitionkey", partition_key),
            ("x-ms-documentdb-isquery", "True"),
        ];
        let path = item.segments();
        let body = json!({ "query": sql, "parameters": [] });
        let found = self
            .call(Method::Post, &path[..path.len() - 1], &headers, Some(&body))
            .await?;
        Ok(Answer::of(&found))
    }

    /// Every item of a container.
    pub(crate) async fn read_items(
        &self,
        database: &str,
        container: &str,
    ) -> anyhow::Result<Vec<Value>> {
        let path = ["dbs", database, "colls", container, "docs"];
        let feed = found(&self.call(Method::Get, &path, &[], None).await?)?;
        Ok(feed
            .and_then(|feed| feed["Documents"].as_array().cloned())
            .unwrap_or_default())
    }

    /// Creates items that never expire.
    pub(crate) async fn fill(
        &self,
        database: &str,
        container: &str,
        items: impl IntoIterator<Item = Value>,
    ) -> anyhow::Result<()> {
        let definition = self.read_container(database, container).await?;
        let definition = definition.context("there is no such container")?;
        for item in items {
            let key = partition_key(&definition, &item);
            self.create_item(database, container, &key, &item).await?;
        }
        Ok(())
    }

    /// Returns it as it is stored.
    pub(crate) async fn create_item(
        &self,
        database: &str,
        container: &str,
        partition_key: &str,
        item: &Value,
    ) -> anyhow::Result<Value> {
        let headers = [("x-ms-documentdb-partitionkey", partition_key)];
        let path = ["dbs", database, "colls", container, "docs"];
        let created = self.call(Method::Post, &path, &headers, Some(item)).await?;
        found(&created)?.context("there is no such container")
    }

    /// Deletes the item while it is at version `etag`; afterwards that version is gone.
    pub(crate) async fn delete_item(&self, item: ItemPath<'_>, etag: &str) -> anyhow::Result<()> {
        let headers = [
            ("x-ms-documentdb-partitionkey", item.partition_key),
            ("if-match", etag),
        ];
        let path = item.segments();
        let deleted = self.call(Method::Delete, &path, &headers, None).await?;
        match u16::from(deleted.status()) {
            404 | 412 => Ok(()),
            _ => succeeded(&deleted),
        }
    }

    /// Asks the region that takes writes, so that an answer never lags behind.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &[&str],
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> anyhow::Result<RawResponse> {
        let store = self.store();
        let write_region = store.config().write_region_name();
        let regions = store.config().active_regions();
        let region = regions.iter().find(|region| region.name() == write_region);
        let region = region.context("the account has no write region")?;
        let mut url = region.gateway_url().clone();
        url.path_segments_mut()
            .map_err(|()| anyhow!("{write_region} has no usable URL"))?
            .extend(path);
        let mut request = Request::new(url, method);
        for (name, value) in headers {
            request.insert_header(*name, (*value).to_owned());
        }
        if let Some(body) = body {
            request.set_body(serde_json::to_vec(body)?);
        }
        self.execute(&request).await
    }
}

/// Where an item is; `partition_key` in the form of its header, such as `["a"]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ItemPath<'a> {
    pub(crate) database: &'a str,
    pub(crate) container: &'a str,
    pub(crate) partition_key: &'a str,
    pub(crate) id: &'a str,
}

impl<'a> ItemPath<'a> {
    fn segments(self) -> [&'a str; 6] {
        [
            "dbs",
            self.database,
            "colls",
            self.container,
            "docs",
            self.id,
        ]
    }
}

pub(crate) fn found(response: &RawResponse) -> anyhow::Result<Option<Value>> {
    if u16::from(response.status()) == 404 {
        return Ok(None);
    }
    succeeded(response)?;
    Ok(Some(serde_json::from_slice(response.body())?))
}

pub(crate) fn succeeded(response: &RawResponse) -> anyhow::Result<()> {
    let status = response.status();
    ensure!(
        status.is_success(),
        "{status}: {}",
        String::from_utf8_lossy(response.body())
    );
    Ok(())
}
