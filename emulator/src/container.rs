//! The container as Bicep deploys it, and the databases that hold it.

use crate::account::{Account, found, succeeded};
use anyhow::{Context, ensure};
use azure_core::http::Method;
use azure_data_cosmos_driver::models::PartitionKeyDefinition;
use serde_json::Value;

const DEFINITION: &str = include_str!("../../infra/container.json");

impl Account {
    pub(crate) async fn create_database(&self, database: &str) -> anyhow::Result<()> {
        let body = serde_json::json!({ "id": database });
        let created = self.call(Method::Post, &["dbs"], &[], Some(&body)).await?;
        succeeded(&created).with_context(|| format!("cannot create database {database}"))
    }

    pub(crate) async fn create_container(
        &self,
        database: &str,
        container: &str,
    ) -> anyhow::Result<()> {
        let mut definition: Value = serde_json::from_str(DEFINITION)?;
        let partition_key: PartitionKeyDefinition =
            serde_json::from_value(definition["partitionKey"].clone())?;
        ensure!(
            self.read_container(database, container).await?.is_none(),
            "container {database}/{container} already exists"
        );
        // The wire has no way to say how many physical partitions a container gets, and the store
        // none to set its policies: so created in the one, completed through the other.
        ensure!(
            self.database_exists(database).await?,
            "there is no database {database}"
        );
        let (store, config) = (self.store(), self.partitions.clone());
        store.create_container_with_config(database, container, partition_key, config);
        definition["id"] = container.into();
        let path = ["dbs", database, "colls", container];
        let replaced = self
            .call(Method::Put, &path, &[], Some(&definition))
            .await?;
        succeeded(&replaced).with_context(|| format!("cannot define container {container}"))
    }

    pub(crate) async fn define_container(
        &self,
        database: &str,
        definition: &Value,
    ) -> anyhow::Result<()> {
        let path = ["dbs", database, "colls"];
        let created = self
            .call(Method::Post, &path, &[], Some(definition))
            .await?;
        succeeded(&created).with_context(|| format!("cannot create {}", definition["id"]))
    }

    pub(crate) async fn read_container(
        &self,
        database: &str,
        container: &str,
    ) -> anyhow::Result<Option<Value>> {
        let path = ["dbs", database, "colls", container];
        found(&self.call(Method::Get, &path, &[], None).await?)
    }

    pub(crate) async fn database_exists(&self, database: &str) -> anyhow::Result<bool> {
        let read = self
            .call(Method::Get, &["dbs", database], &[], None)
            .await?;
        Ok(found(&read)?.is_some())
    }
}
