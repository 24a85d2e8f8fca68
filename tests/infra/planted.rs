use crate::expected::lines;
use crate::{RULES, Repository};
use serde_json::json;

#[test]
fn every_planted_mistake_is_found() {
    let repository = Repository::read();
    for (name, rule) in RULES {
        let lines = include_str!("planted.txt").lines();
        let mistakes = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(" | "));
        assert!(
            mistakes.clone().count() > 0,
            "no mistake is planted for {name}"
        );
        for mistake in mistakes {
            let (file, change) = mistake.split_once(" | ").unwrap();
            let (from, to) = change.split_once(" => ").unwrap();
            let mut planted = repository.clone();
            let text = planted.0.get_mut(file).unwrap();
            assert!(text.contains(from), "{mistake}");
            *text = text.replacen(from, to, 1);
            assert!(!rule(&planted).is_empty(), "{name} does not see: {mistake}");
        }
    }
}

/// Each value that is expected, changed where it is; each number of resources, one more.
#[test]
fn nothing_that_is_expected_can_be_otherwise() {
    for line in lines() {
        let mut snapshots = Repository::read().snapshots();
        let about = snapshots.iter_mut().filter(|one| line.is_about(one));
        let holds = about.filter_map(|one| {
            if let Some((parent, last)) = line.place.rsplit_once('/') {
                let resource = one
                    .resources
                    .iter_mut()
                    .find(|one| one["type"] == line.kind)?;
                let parent = resource.pointer_mut(parent)?;
                match last.parse::<usize>() {
                    Ok(index) => parent[index] = "else".into(),
                    Err(_) => parent[last] = "else".into(),
                }
            } else {
                one.resources.push(json!({ "type": line.kind }));
            }
            Some(line.holds(one))
        });
        let holds: Vec<_> = holds.collect();
        assert!(
            !holds.is_empty() && !holds.contains(&true),
            "{} {}",
            line.kind,
            line.place
        );
    }
}
