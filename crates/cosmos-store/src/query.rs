//! Queries whose text is written in this code and whose values are always parameters.

use super::error::StorageError;
use crate::item::Item;
use azure_data_cosmos::Query as SdkQuery;
use serde::Serialize;
use std::marker::PhantomData;

/// A query for items of type `T`, which are called `c` in it.
///
/// Text comes from `&'static str` pieces alone: nothing a caller sends can become part of it.
#[derive(Debug)]
pub struct Query<T> {
    sql: SdkQuery,
    items: PhantomData<fn() -> T>,
}

impl<T: Item> Query<T> {
    /// Every `T` in scope. `join` brings in array elements, as in `JOIN tag IN c.tags`.
    pub fn new(join: &'static str) -> Result<Self, StorageError> {
        Self {
            sql: SdkQuery::from("SELECT VALUE c FROM c "),
            items: PhantomData,
        }
        .text(join)
        .text(" WHERE c.docType = @docType")
        .bind("@docType", T::DOC_TYPE)
    }

    /// Only items for which `condition` holds; `parameter` is its one value.
    pub fn and(
        self,
        condition: &'static str,
        parameter: &'static str,
        value: impl Serialize,
    ) -> Result<Self, StorageError> {
        self.text(" AND ").text(condition).bind(parameter, value)
    }

    #[must_use]
    pub fn order_by(self, order: &'static str) -> Self {
        self.text(" ORDER BY ").text(order)
    }

    /// One more parameter, for a condition with several.
    pub fn bind(
        mut self,
        parameter: &'static str,
        value: impl Serialize,
    ) -> Result<Self, StorageError> {
        self.sql = self.sql.with_parameter(parameter, value)?;
        Ok(self)
    }

    pub(super) fn into_sdk(self) -> SdkQuery {
        self.sql
    }

    fn text(mut self, text: &'static str) -> Self {
        self.sql = self.sql.append_text(text);
        self
    }
}
