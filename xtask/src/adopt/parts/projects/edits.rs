//! Sentences and lists that name projects among other things.

use super::super::{Edit, cut, edit};

pub(super) const EDITS: &[Edit] = &[
    edit("src/contract.rs", "Workspaces with members, and projects in them.", "Workspaces with members."),
    edit(
        "tests/api/access.rs",
        "/// `{projectId}` and `{slug}` are a private project of the workspace, `{userId}` is its viewer.",
        "/// `{userId}` is the viewer of the workspace.",
    ),
    edit(
        "tests/api/access.rs",
        "/// The path with ids in it: of a workspace with members and a private project.",
        "/// The path with ids in it: of a workspace with members.",
    ),
    edit(
        "tests/api/bad_paths.rs",
        "use serde_json::{Value, json};",
        "use serde_json::Value;",
    ),
    edit("tests/api/members.rs", "use serde_json::{Value, json};", "use serde_json::json;"),
    edit(
        "tests/api/workload.rs",
        "use serde_json::{Value, json};",
        "use serde_json::json;",
    ),
    cut("tests/api/contract_forms.rs", "(\"Visibility\", \"private\"), "),
    edit("tests/api/request_charge.rs", "orders.len() > 6,", "!orders.is_empty(),"),
    edit("tests/contract/hooks.py", "_workspaces, _projects, _members = [], {}, []", "_workspaces, _members = [], []"),
    edit(
        "tests/contract/hooks.py",
        "strangers_see_nothing_but_public_projects",
        "strangers_see_nothing",
    ),
    cut("tests/contract/hooks.py", "ObjectLevelAuthorizationViolation, "),
    cut("tests/contract/hooks.py", " and found.get(\"visibility\") != \"public\""),
    edit(
        "xtask/src/contract.rs",
        "let document = validate(&python, &programs)?;",
        "validate(&python, &programs)?;",
    ),
    cut(
        "docs/request-charge.md",
        " A description of 2,000 characters makes a project an item of 3 KB.",
    ),
    cut("docs/request-charge.md", ", of projects with three tags"),
    cut(
        "docs/request-charge.md",
        "
  At 0.3 RU for each value, which is what the embedded Cosmos DB charges for a property and a guess for the service, creating a project costs 4.8 RU less
  (11.1 → 6.3 RU for 37 → 21 values).",
    ),
    edit("xtask/src/sample.rs", "Ok(Sample { workspace, slug })", "Ok(Sample { workspace })"),
    edit(
        "xtask/src/sample.rs",
        "Some(Sample { workspace, slug }) = sample {
        return projects::requests(workspace, slug);",
        "Some(Sample { workspace }) = sample {
        return [get(workspace), get(&api), post(&api, r#\"{\"name\": \"My workspace\"}\"#)];",
    ),
    edit(
        "README.md",
        "- Workspaces with members, and projects in them, each workspace in a partition of its own.",
        "- Workspaces with members, each in a partition of its own.",
    ),
    edit("README.md", "- Slugs unique under concurrency, idempotency keys", "- Idempotency keys"),
    cut("docs/api.md", "; its public projects can be read, one at a time"),
    edit(
        "docs/architecture.md",
        "No crate knows a workspace or a project.",
        "No crate knows a workspace.",
    ),
    edit(
        "docs/architecture.md",
        "its members and projects, reservations of slugs, records",
        "its members and what is in it, records",
    ),
    cut("docs/reliability.md", "; `tests/stored` has items of each"),
    cut("docs/reliability.md", "`crashes::changes::…`; "),
    cut("docs/reliability.md", "`crashes::changes::erasing_oneself`, "),
    cut(
        "docs/reliability.md",
        ", `lost_answers::a_write_of_a_project_whose_answer_is_lost_is_looked_up`",
    ),
    cut("src/app.rs", "#[expect(clippy::too_many_lines, reason = \"a table\")]\n"),
    cut(".github/dependabot.yml", "\"/tests/contract/typescript\", "),
    edit("docs/settings.md", "the workspace, its lists, private projects |", "the workspace and its lists |"),
    edit("SECURITY.md", "create workspaces, read public projects and look up", "create workspaces and look up"),
    edit("SECURITY.md", "ids of workspaces and projects.", "ids of workspaces."),
    edit("SECURITY.md", "`tests/api/isolation.rs`, `workspaces.rs`", "`tests/api/conformance/access.rs`, `workspaces.rs`"),
    edit("SECURITY.md", "`tests/api/project_lists.rs`", "`tests/api/conformance/lists.rs`"),
    edit(
        "docs/reliability.md",
        "`crashes::…`: before each storage call of each operation",
        "`conformance::faults::…`: before each storage call of each operation",
    ),
];
