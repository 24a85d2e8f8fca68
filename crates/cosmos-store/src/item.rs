//! What every stored item has: an id, a partition key and a `docType`.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::marker::PhantomData;

/// Something the container stores. Its `id` is unique in its partition.
///
/// It serializes to an object with its `id` and its [`DocType`]. The partition key comes from the scope that it is
/// written in.
pub trait Item: Serialize + DeserializeOwned + Send + 'static {
    /// Tells the kinds of item in one partition apart.
    const DOC_TYPE: &'static str;

    /// Cosmos ids have at most 1,023 bytes and no `/`, `\`, `?` or `#`.
    fn id(&self) -> String;
}

/// An item as it is stored.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InPartition<'a, T> {
    partition_key: &'a str,
    #[serde(flatten)]
    item: &'a T,
}

impl<'a, T: Item> InPartition<'a, T> {
    pub(super) fn new(partition_key: &'a str, item: &'a T) -> Self {
        Self {
            partition_key,
            item,
        }
    }
}

/// The `docType` property of `T`. An item with another one does not deserialize as `T`.
#[derive(Debug)]
pub struct DocType<T>(PhantomData<fn() -> T>);

impl<T> Default for DocType<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for DocType<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T: Item> Serialize for DocType<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(T::DOC_TYPE)
    }
}

impl<'de, T: Item> Deserialize<'de> for DocType<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Cow::<'de, str>::deserialize(deserializer)?;
        if found == T::DOC_TYPE {
            Ok(Self::default())
        } else {
            Err(D::Error::custom(format!(
                "docType is `{found}`, not `{}`",
                T::DOC_TYPE
            )))
        }
    }
}
