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
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let mut parts = line.splitn(4, ' ');
        let mut next = || parts.next().unwrap();
        let (snapshots, kind, place) = (next(), next(), next());
        let value = serde_json::from_str(next()).unwrap();
        Line {
            snapshots,
            kind,
            place,
            value,
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
        match (self.place, self.place.strip_suffix("/*")) {
            ("count", _) => json!(resources.count()) == self.value,
            (_, Some(object)) => resources.all(|one| {
                let keys = one
                    .pointer(object)
                    .and_then(Value::as_object)
                    .map(|object| object.keys().collect::<Vec<_>>());
                json!(keys) == self.value
            }),
            (place, None) => {
                resources.all(|one| *one.pointer(place).unwrap_or(&Value::Null) == self.value)
            }
        }
    }
}

pub(super) fn expected(repository: &Repository) -> Vec<String> {
    let mut wrong = Vec::new();
    for snapshot in repository.snapshots() {
        let lines = lines().filter(|line| line.is_about(&snapshot) && !line.holds(&snapshot));
        wrong.extend(lines.map(|line| {
            format!(
                "{}: {} {} is not {}",
                snapshot.name, line.kind, line.place, line.value
            )
        }));
    }
    wrong
}
