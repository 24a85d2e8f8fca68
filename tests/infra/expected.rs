use crate::{Repository, Snapshot};
use serde_json::{Value, json};

/// A line of `expected.txt`.
#[derive(Debug)]
pub(super) struct Line<'a> {
    snapshots: &'a str,
    pub(super) kind: &'a str,
    pub(super) place: &'a str,
    value: Value,
}

pub(super) fn lines() -> impl Iterator<Item = Line<'static>> {
    let lines = include_str!("expected.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let mut parts = line.splitn(4, ' ');
        let mut next = || parts.next().unwrap();
        Line {
            snapshots: next(),
            kind: next(),
            place: next(),
            value: serde_json::from_str(next()).unwrap(),
        }
    })
}

impl Line<'_> {
    pub(super) fn is_about(&self, snapshot: &Snapshot) -> bool {
        let but = self.snapshots.strip_prefix('!');
        let mut names = but.unwrap_or(self.snapshots).split(',');
        self.snapshots == "*" || names.any(|name| name == snapshot.name) == but.is_none()
    }

    pub(super) fn holds(&self, snapshot: &Snapshot) -> bool {
        let mut resources = snapshot.resources(self.kind);
        if self.place == "count" {
            return json!(resources.count()) == self.value;
        }
        resources.all(|one| *one.pointer(self.place).unwrap_or(&Value::Null) == self.value)
    }
}

pub(super) fn expected(repository: &Repository) -> Vec<String> {
    let mut wrong = Vec::new();
    for snapshot in repository.snapshots() {
        let lines = lines().filter(|line| line.is_about(&snapshot) && !line.holds(&snapshot));
        wrong.extend(lines.map(|line| format!("{}: not {line:?}", snapshot.name)));
    }
    wrong
}
