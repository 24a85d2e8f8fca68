//! Projects, the sample of an entity that has more than an entity must have.

use super::{NOTHING, Part};

pub(super) const PROJECTS: Part = Part {
    name: "projects",
    what: "projects; moves and batches with them",
    needed_by: &["moves", "batches"],
    ..NOTHING
};
