//! Moves of projects between workspaces, and the timer that finishes them.

mod edits;

use super::{NOTHING, Part};
use edits::EDITS;

pub(super) const MOVES: Part = Part {
    name: "moves",
    what: "moves of projects between workspaces, and the timer that finishes them",
    paths: &[
        "functions/reconcile_moves",
        "infra/queries/moves-not-reconciled.kql",
        "src/projects/moves",
        "tests/api/crashes/moves.rs",
        "tests/api/interrupted_moves.rs",
        "tests/api/moves.rs",
        "tests/api/request_charge/moves.rs",
        "tests/api/stored_moves.rs",
        "tests/host/reconcile.rs",
        "tests/stored/moves",
    ],
    rows: &[
        ("docs/request-charge.md", "/move` | "),
        ("docs/request-charge.md", "`POST /reconcile_moves`"),
    ],
    entries: ENTRIES,
    blocks: BLOCKS,
    edits: EDITS,
    words: &[
        "reconcile_moves",
        "moves::",
        "Moving",
        "MOVING",
        "`moving`",
        "lastMove",
        "/move\"",
        "/move`",
        "interrupted_moves",
        "stored_moves",
        "alert-moves",
        "Action::Move",
    ],
    ..NOTHING
};

const ENTRIES: &[(&str, &[&str])] = &[
    (
        "src/app.rs",
        &[
            "use crate::projects::moves::{http as moves, timer as moves_timer};",
            "{projectId}/move\")",
            "\"/reconcile_moves\"",
        ],
    ),
    ("src/error.rs", &["    Moving,", "ServiceError::Moving =>"]),
    ("src/problems.rs", &["    MOVING: "]),
    (
        "src/projects/mod.rs",
        &[
            "pub mod moves;",
            "use crate::projects::moves::Mark;",
            "    pub moves: u32,",
            "    moving: Option<Mark>,",
            "            moves: 0,",
            "            moving: None,",
        ],
    ),
    (
        "src/projects/service.rs",
        &[
            "use super::moves::presence::",
            "moves::staying_of_page(",
            "moves::staying(",
            "moves::unless_moved(",
            "moves::unless_moving_on(",
            "if let Err(ServiceError::Moving) = &changed {",
        ],
    ),
    (
        "src/workspaces/deletion.rs",
        &[
            "use crate::projects::moves::leftover::without_leftovers;",
            "let found = without_leftovers(",
        ],
    ),
    (
        "tests/api/access.rs",
        &[
            "(\"POST\", \"/reconcile_moves\"",
            "path.contains(\"/move\") =>",
            "let mut target = String::new();",
            "if path.contains(\"{target}\") {",
            ".replace(\"{target}\", &target)",
        ],
    ),
    ("tests/api/crashes.rs", &["mod moves;"]),
    (
        "tests/api/lost_answers.rs",
        &["let path = crate::moves::moved("],
    ),
    (
        "tests/api/idempotency.rs",
        &[
            "let path = format!(\"{}/move\", first.location());",
            "let id = target.rsplit('/')",
            "let moved = post(&ada, &path, \"m\"",
            "let body = json!({\"targetWorkspaceId\": upper(",
            "let again = post(&ada, &path, \"m\"",
            "assert_eq!(again.json, moved.json);",
        ],
    ),
    (
        "tests/api/isolation.rs",
        &[
            "| Action::Move",
            "Action::Move => (Method::POST",
            "let body = of_move(",
            "fn of_move(",
        ],
    ),
    (
        "tests/api/isolation/step.rs",
        &["    Move,", "Just(Action::Move),"],
    ),
    (
        "tests/api/main.rs",
        &["mod moves;", "mod interrupted_moves;", "mod stored_moves;"],
    ),
    (
        "tests/api/model.rs",
        &[
            "    Move(usize),",
            "prop_map(Action::Move),",
            "Action::Move(index) =>",
            "async fn start_move(",
        ],
    ),
    (
        "tests/api/races.rs",
        &[
            "use crate::moves::",
            "async fn a_project_that_is_moved_to_and_fro",
        ],
    ),
    ("tests/api/request_charge.rs", &["mod moves;"]),
    (
        "tests/api/request_charge/operations.rs",
        &["use super::moves::moves;", "    moves(meter).await;"],
    ),
    (
        "tests/contract/hooks.py",
        &[
            "MOVE = PROJECT",
            "if path == MOVE and elsewhere:",
            "elsewhere = [",
            "case.operation.path == MOVE:",
        ],
    ),
    (
        "tests/host/agreement.rs",
        &["AzureWebJobs.reconcile_moves.Disabled"],
    ),
    ("tests/host/main.rs", &["mod reconcile;"]),
    (
        "local.settings.json.example",
        &["AzureWebJobs.reconcile_moves.Disabled"],
    ),
    ("infra/container.json", &["/moving/*", "/from/?", "/to/?"]),
    ("docs/add-an-entity.md", &["- **Another partition.**"]),
    ("docs/api.md", &["{projectId}/move`"]),
    ("docs/architecture.md", &["| global |"]),
    ("docs/operate.md", &["## alert-moves"]),
    ("docs/problems.md", &["| `moving` |"]),
    (
        "docs/reliability.md",
        &[
            "| A move is killed half way |",
            "| Several requests move, change or delete",
            "**A move** spans",
            "What comes next in a move",
            "- The model checker assumes",
            "- A process that sleeps for more than 5 minutes",
        ],
    ),
];

const SNAPSHOT: &[&str] = &[
    "\"name\": \"alert-moves-",
    "\"/moving/*\"",
    "\"/from/?\"",
    "\"/to/?\"",
];

const BLOCKS: &[(&str, &[&str])] = &[
    ("infra/modules/alerts.bicep", &["name: 'alert-moves'"]),
    ("infra/snapshots/defaults.snapshot.json", SNAPSHOT),
    ("infra/snapshots/easy-auth.snapshot.json", SNAPSHOT),
    (
        "infra/snapshots/no-alerts.snapshot.json",
        &["\"/moving/*\"", "\"/from/?\"", "\"/to/?\""],
    ),
    ("infra/snapshots/private-network.snapshot.json", SNAPSHOT),
    ("infra/snapshots/production.snapshot.json", SNAPSHOT),
    ("infra/snapshots/provisioned.snapshot.json", SNAPSHOT),
    ("infra/snapshots/tokens.snapshot.json", SNAPSHOT),
    ("tests/api/access.rs", &["{projectId}/move?target={target}"]),
];
