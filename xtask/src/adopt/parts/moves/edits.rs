//! Sentences and lists that name moves among other things.

use super::super::{Edit, cut, edit};

pub(super) const EDITS: &[Edit] = &[
    edit(
        "src/app.rs",
        "\"Change a project (editors)\")
            .may_answer(&[&problems::MOVING])",
        "\"Change a project (editors)\")",
    ),
    edit(
        "src/app.rs",
        "\"Delete a project (editors)\")
            .may_answer(&[&problems::MOVING]),",
        "\"Delete a project (editors)\"),",
    ),
    edit(
        "src/app.rs",
        "&[&problems::MOVING, &kinds::PRECONDITION_FAILED]",
        "&[&kinds::PRECONDITION_FAILED]",
    ),
    edit(
        "src/error.rs",
        "delete or move what is in it first",
        "delete what is in it first",
    ),
    edit(
        "src/problems.rs",
        "Delete or move them first.",
        "Delete them first.",
    ),
    edit(
        "src/projects/service.rs",
        "let may = unless_moving;",
        "let may = |_project: &StoredProject| Ok(());",
    ),
    edit(
        "tests/api/idempotency.rs",
        "let (workspace, target) = (ada.workspace().await, ada.workspace().await);",
        "let workspace = ada.workspace().await;",
    ),
    edit(
        "tests/api/races.rs",
        ", and moving one project to and fro.",
        ".",
    ),
    edit(
        "tests/api/workload.rs",
        "[\"contended\", \"moving\"].contains(&answer.text(\"code\"))",
        "answer.text(\"code\") == \"contended\"",
    ),
    edit(
        "tests/contract/hooks.py",
        "if path in (BY_SLUG, MOVE) and",
        "if path == BY_SLUG and",
    ),
    edit(
        "tests/contract/hooks.py",
        "if status == 201 or (path, status) == (MOVE, 200) else",
        "if status == 201 else",
    ),
    edit(
        "tests/contract/hooks.py",
        "if path in (PROJECTS, MOVE) and",
        "if path == PROJECTS and",
    ),
    edit(
        "host.json",
        ",
      \"Function.reconcile_moves.User\": \"Information\"",
        "",
    ),
    cut(
        "README.md",
        ", moves between partitions that survive a crash at any step",
    ),
    cut("docs/architecture.md", "a move or "),
    edit(
        "docs/reliability.md",
        ", and explored like moves are, with stale reads and with wrong ways put back.",
        ". `cargo test` explores every order of the storage calls, with stale reads and with wrong ways put back.",
    ),
    edit(
        "docs/operate.md",
        "Move projects of that workspace to another one, with `POST …/move`. Deleting also helps; records",
        "Delete what is not needed in it. Records",
    ),
    edit(
        "docs/problems.md",
        "`contended` and `moving` may",
        "`contended` may",
    ),
    edit(
        "docs/problems.md",
        "Delete or move them first.",
        "Delete them first.",
    ),
    cut("docs/request-charge.md", ", the marks and intents of moves"),
    // A project has one property less.
    edit(
        "docs/request-charge.md",
        "membership remembered | 1 read, 1 replace | 13.90",
        "membership remembered | 1 read, 1 replace | 13.30",
    ),
    cut(
        "docs/host.md",
        "`the_timer_finishes_what_a_killed_process_left_behind`, ",
    ),
    cut(
        "tests/stored/unreleased.json",
        "    \"moves\": 1,
    \"moving\": null,
",
    ),
    edit(
        "tests/infra/expected.txt",
        "Microsoft.Insights/scheduledQueryRules count 7",
        "Microsoft.Insights/scheduledQueryRules count 6",
    ),
];
