//! What the container holds beside that when it is to be seen how the handler grows: long descriptions, workspaces with
//! many members and with many projects.

use crate::seed::{A_KILOBYTE, project, put};
use crate::store::Store;

/// What a workspace has more or less of: the first digit of its id.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Description = 1,
    Members = 2,
    Projects = 3,
}

/// Characters. What callers may send is less; stored text is taken as it is.
const DESCRIPTIONS: [usize; 4] = [200, 1_000, 10_000, 100_000];
const MEMBERS: [usize; 3] = [1, 100, 1_000];
const PROJECTS: [usize; 3] = [10, 1_000, 100_000];

/// Workspaces with so many members, so that one after the other can be read for the first time.
const COPIES: usize = 21;

/// The id of a workspace. `cargo xtask bench` knows it.
fn workspace(kind: Kind, copy: usize, size: usize) -> String {
    format!(
        "01900000-0000-7000-8000-{}{copy:03}{size:08}",
        kind as usize
    )
}

pub(crate) fn fill(store: &mut Store) -> anyhow::Result<()> {
    for size in DESCRIPTIONS {
        fill_one(store, Kind::Description, 0, size)?;
    }
    for size in MEMBERS {
        for copy in 0..COPIES {
            fill_one(store, Kind::Members, copy, size)?;
        }
    }
    for size in PROJECTS {
        fill_one(store, Kind::Projects, 0, size)?;
    }
    Ok(())
}

/// Nobody asks for these projects by their slugs, so nothing holds them.
fn fill_one(store: &mut Store, kind: Kind, copy: usize, size: usize) -> anyhow::Result<()> {
    let workspace = workspace(kind, copy, size);
    let (description, members, projects) = match kind {
        Kind::Description => (size, 1, 1),
        Kind::Members => (A_KILOBYTE, size, 1),
        Kind::Projects => (A_KILOBYTE, 1, size),
    };
    let projects = (0..projects).map(|number| project(&workspace, number, description));
    put(store, &workspace, members, projects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::id;

    #[test]
    fn ids_tell_what_a_workspace_has_how_much_of() {
        let found = workspace(Kind::Members, 20, 1_000);
        assert_eq!(found, "01900000-0000-7000-8000-202000001000");
        let found = workspace(Kind::Projects, 0, 100_000);
        assert_eq!(found, "01900000-0000-7000-8000-300000100000");
    }

    #[test]
    fn a_workspace_has_what_its_id_says() {
        let mut store = Store::default();
        let mut filled = |kind, size| {
            fill_one(&mut store, kind, 0, size).unwrap();
            let workspace = workspace(kind, 0, size);
            let read = |id: &str| store.read(&workspace, id).map(|item| item.content());
            (
                read(&workspace).unwrap(),
                [0, 1, 29, 30].map(|number| read(&id(number))),
            )
        };
        let (_, [project, ..]) = filled(Kind::Description, 100_000);
        let description = project.unwrap()["description"].clone();
        assert_eq!(description.as_str().unwrap().len(), 100_000);
        let (workspace, projects) = filled(Kind::Members, 100);
        let members = workspace["members"].as_array().unwrap();
        assert_eq!(
            (members.len(), &members[99]["userId"]),
            (100, &"ada".into())
        );
        assert_eq!(
            projects.map(|project| project.is_some()),
            [true, false, false, false]
        );
        let (_, projects) = filled(Kind::Projects, 30);
        assert_eq!(
            projects.map(|project| project.is_some()),
            [true, true, true, false]
        );
    }
}
