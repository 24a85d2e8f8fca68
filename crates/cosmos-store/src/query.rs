//! Queries whose text is written in this code and whose values are always parameters.

use super::error::StorageError;
use crate::item::Item;
use azure_data_cosmos::Query as SdkQuery;
use serde::Serialize;
use std::marker::PhantomData;

/// A query for items that are read as `T` and called `c` in it.
///
/// Text comes from `&'static str` pieces alone: nothing a caller sends can become part of it.
#[derive(Debug)]
#[must_use]
pub struct Query<T> {
    sql: SdkQuery,
    items: PhantomData<fn() -> T>,
}

impl<T: Item> Query<T> {
    /// Every `T` in scope.
    ///
    /// # Errors
    /// A value that does not serialize, which `docType` always does.
    pub fn new() -> Result<Self, StorageError> {
        Self::of_any_kind("c.docType = @docType").bind("docType", T::DOC_TYPE)
    }
}

impl<T> Query<T> {
    /// Every item in scope, of any kind, for which `condition` holds, read as a `T`.
    pub fn of_any_kind(condition: &'static str) -> Self {
        Self {
            sql: SdkQuery::from("SELECT VALUE c FROM c WHERE "),
            items: PhantomData,
        }
        .text(&[condition])
    }

    /// Only items for which `condition`, written in pieces, holds; `parameter` is its one value, `@parameter` in the
    /// text.
    ///
    /// # Errors
    /// A `value` that does not serialize.
    pub fn and(
        self,
        condition: &[&'static str],
        parameter: &'static str,
        value: impl Serialize,
    ) -> Result<Self, StorageError> {
        self.text(&[" AND "]).text(condition).bind(parameter, value)
    }

    /// Only items that have this property.
    pub fn having(self, property: &'static str) -> Self {
        self.text(&[" AND IS_DEFINED(c.", property, ")"])
    }

    /// In this order, written in pieces.
    pub fn order_by(self, order: &[&'static str]) -> Self {
        self.text(&[" ORDER BY "]).text(order)
    }

    /// One more parameter, for a condition with several.
    ///
    /// # Errors
    /// A `value` that does not serialize.
    pub fn bind(
        mut self,
        parameter: &'static str,
        value: impl Serialize,
    ) -> Result<Self, StorageError> {
        self.sql = self.sql.with_parameter(format!("@{parameter}"), value)?;
        Ok(self)
    }

    pub(super) fn into_sdk(self) -> SdkQuery {
        self.sql
    }

    fn text(mut self, pieces: &[&'static str]) -> Self {
        for piece in pieces {
            self.sql = self.sql.append_text(piece);
        }
        self
    }
}
