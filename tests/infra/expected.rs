use crate::{Repository, Snapshot};
use serde_json::{Value, json};

/// A line of `expected.txt`.
pub(super) struct Line<'a> {
    snapshots: &'a str,
    pub(super) kind: &'a str,
    pub(super) place: &'a str,
    value: Value,
}

pub(super) fn lines() -> impl Iterator<Item = Line<'static>> {
    let lines = include_str!("expected.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
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
        let (names, named) = self
            .snapshots
            .strip_prefix('!')
            .map_or((self.snapshots, true), |names| (names, false));
        names == "*" || names.split(',').any(|name| name == snapshot.name) == named
    }

    pub(super) fn holds(&self, snapshot: &Snapshot) -> bool {
        let mut resources = snapshot.of(self.kind);
        match self.place {
            "count" => json!(resources.count()) == self.value,
            place => resources.all(|one| *one.pointer(place).unwrap_or(&Value::Null) == self.value),
        }
    }
}

pub(super) fn expected(repository: &Repository) -> Vec<String> {
    let snapshots = repository.snapshots();
    let wrong = lines().flat_map(|line| {
        let wrong = snapshots
            .iter()
            .filter(|one| line.is_about(one) && !line.holds(one));
        let wrong = wrong.map(|one| {
            format!(
                "{}: {} {} is not {}",
                one.name, line.kind, line.place, line.value
            )
        });
        wrong.collect::<Vec<_>>()
    });
    wrong.collect()
}
