//! What contenders are asked for.

use super::growth::Growth;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Something that needs no storage.
    Hello,
    /// Whether the process is alive; where there is no such thing, the same as [`Self::Hello`].
    Live,
    PointRead,
    /// A point read of a version that the caller has.
    NotModified,
    /// Twenty projects of 256.
    List,
    Create,
    Patch,
    /// A point read or a list where there is more of something.
    Grown(Growth),
}

impl Operation {
    pub(super) fn name(self) -> String {
        match self {
            Self::Hello => "hello",
            Self::Live => "health/live",
            Self::PointRead => "point read",
            Self::NotModified => "point read, 304",
            Self::List => "list of 20",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Grown(growth) => return growth.name(),
        }
        .to_owned()
    }
}
