//! Which partition an operation works in.

use std::borrow::Cow;

/// The right to read one partition.
///
/// An app makes the types that stand for the partitions of its tenants, and makes a value only after it has
/// checked the caller: without one there is no operation to call.
pub trait Scope: Sync {
    /// The partition key.
    fn partition(&self) -> Cow<'static, str>;
}

/// The right to write to the partition, too.
pub trait WriteScope: Scope {}

/// A partition that belongs to no tenant, named in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Global(pub &'static str);

impl Scope for Global {
    fn partition(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0)
    }
}

impl WriteScope for Global {}
