//! What can be taken out: whole folders, and the lines elsewhere that name them. Sources have no marks for it; a test
//! finds each line.

mod batches;
mod moves;
mod projects;
mod repository;

pub(super) struct Part {
    pub(super) name: &'static str,
    /// In a few words.
    pub(super) what: &'static str,
    /// Whether it is for this repository alone.
    pub(super) leaves_by_itself: bool,
    /// Parts that cannot stay without it.
    pub(super) needed_by: &'static [&'static str],
    /// Folders and files, which are removed.
    pub(super) paths: &'static [&'static str],
    /// By file, what every line that leaves has: rows of a table.
    pub(super) rows: &'static [(&'static str, &'static str)],
    /// By file, texts of entries: see [`super::text::without_entry`].
    pub(super) entries: &'static [(&'static str, &'static [&'static str])],
    /// By file, texts within blocks: see [`super::text::without_block`].
    pub(super) blocks: &'static [(&'static str, &'static [&'static str])],
    pub(super) edits: &'static [Edit],
    /// What nothing says any more that is left.
    pub(super) words: &'static [&'static str],
}

/// Text that a file has once, and what it becomes.
pub(super) struct Edit {
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

const fn cut(file: &'static str, from: &'static str) -> Edit {
    edit(file, from, "")
}

const fn edit(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    Edit { file, from, to }
}

const NOTHING: Part = Part {
    name: "",
    what: "",
    leaves_by_itself: false,
    needed_by: &[],
    paths: &[],
    rows: &[],
    entries: &[],
    blocks: &[],
    edits: &[],
    words: &[],
};

/// In the order in which they are taken out: an edit finds the text as it is without the parts before it.
pub(super) const PARTS: &[Part] = &[
    repository::BENCH,
    repository::CHECKED,
    repository::FROM_FASTAPI,
    repository::ADOPT,
    repository::OUTSIDE,
    moves::MOVES,
    batches::BATCHES,
    projects::PROJECTS,
];
