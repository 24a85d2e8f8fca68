//! Projects, the sample of an entity that has more than an entity must have.

mod edits;

use super::{NOTHING, Part};
use edits::EDITS;

pub(super) const PROJECTS: Part = Part {
    name: "projects",
    what: "projects; moves and batches with them",
    needed_by: &["moves", "batches"],
    paths: &[
        "functions/projects",
        "src/projects",
        "tests/api/crashes",
        "tests/api/crashes.rs",
        "tests/api/etags.rs",
        "tests/api/isolation",
        "tests/api/isolation.rs",
        "tests/api/lost_answers.rs",
        "tests/api/model.rs",
        "tests/api/project_lists.rs",
        "tests/api/projects.rs",
        "tests/api/races.rs",
        "tests/api/request_charge/lists.rs",
        "tests/api/request_charge/projects.rs",
        "tests/api/stored.rs",
        "tests/contract/round.py",
        "tests/contract/typescript",
        "tests/stored",
        "xtask/src/contract/clients.rs",
        "xtask/src/sample",
    ],
    rows: &[
        (
            "docs/request-charge.md",
            "/api/workspaces/{workspaceId}/projects",
        ),
        ("docs/request-charge.md", "it has projects (409)"),
    ],
    entries: ENTRIES,
    blocks: &[
        ("tests/api/access.rs", &["projects/by-slug/{slug}"]),
        ("infra/snapshots/defaults.snapshot.json", PATH),
        ("infra/snapshots/easy-auth.snapshot.json", PATH),
        ("infra/snapshots/no-alerts.snapshot.json", PATH),
        ("infra/snapshots/private-network.snapshot.json", PATH),
        ("infra/snapshots/production.snapshot.json", PATH),
        ("infra/snapshots/provisioned.snapshot.json", PATH),
        ("infra/snapshots/tokens.snapshot.json", PATH),
    ],
    edits: EDITS,
    words: &[
        "/projects",
        "projectId",
        "projects::",
        "ProjectFields",
        "ProjectReader",
        "UpdateProject",
        "createProject",
        "by-slug",
        "races::",
        "crashes::",
        "model::",
        "etags::",
    ],
    ..NOTHING
};

const PATH: &[&str] = &["\"/projectId/?\""];

const ENTRIES: &[(&str, &[&str])] = &[
    ("Cargo.toml", &["slug = \"0.1\""]),
    (
        "src/access.rs",
        &[
            "pub struct CanReadPublic;",
            "pub struct ProjectReader {",
            "impl ProjectReader {",
        ],
    ),
    (
        "src/app.rs",
        &[
            "use crate::projects::http as projects;",
            "\"/api/workspaces/{workspaceId}/projects\")",
            "\"/api/workspaces/{workspaceId}/projects/{projectId}\")",
            "\"/api/workspaces/{workspaceId}/projects/by-slug/{slug}\")",
        ],
    ),
    ("src/contract.rs", &["[\"projects\", "]),
    ("src/lib.rs", &["pub mod projects;"]),
    ("infra/container.json", &["/projectId/?"]),
    (
        "tests/api/access.rs",
        &[
            "let projects = format!(",
            "let request = handler.request(Method::POST, &projects);",
            "let request = request.bearer_auth(issuer.token(\"owner\"));",
            "let body = json!({\"name\": \"Secret\"",
            "let project = Answer::of(",
            ".replace(\"{projectId}\"",
            ".replace(\"{slug}\"",
        ],
    ),
    ("tests/api/app.rs", &["async fn project("]),
    (
        "tests/api/bad_input.rs",
        &[
            "async fn every_field_that_is_wrong_is_named",
            "async fn the_longest_values_fit_in_any_script",
            "async fn a_wrong_patch_changes_nothing",
        ],
    ),
    (
        "tests/api/bad_paths.rs",
        &["async fn tricks_in_a_slug_reach_nothing"],
    ),
    (
        "tests/api/conformance/mod.rs",
        &["list: \"/api/workspaces/{workspaceId}/projects\""],
    ),
    (
        "tests/api/contract_forms.rs",
        &[
            "\"ProjectPage\",",
            "(\"UpdateProject\", \"tags\"",
            "(\"UpdateProject\", \"visibility\"",
        ],
    ),
    (
        "tests/api/degradation.rs",
        &["async fn without_storage_lists_are_empty_reads_find_nothing"],
    ),
    (
        "tests/api/http.rs",
        &["async fn text_that_looks_the_same_is_the_same"],
    ),
    (
        "tests/api/idempotency.rs",
        &[
            "use std::collections::HashSet;",
            "use std::time::Duration;",
            "async fn after_a_day_a_key_is_new",
            "async fn without_a_key_a_repeat_by_the_host_is_known",
            "async fn a_key_may_be_used_once_a_day_for_ever",
            "async fn the_same_request_written_otherwise_is_a_repeat",
            "async fn a_key_is_good_in_its_workspace",
        ],
    ),
    (
        "tests/api/main.rs",
        &[
            "mod projects;",
            "mod project_lists;",
            "mod lost_answers;",
            "mod etags;",
            "mod isolation;",
            "mod races;",
            "mod crashes;",
            "mod model;",
            "mod stored;",
        ],
    ),
    (
        "tests/api/members.rs",
        &["async fn a_member_is_added_promoted_and_removed_at_once"],
    ),
    (
        "tests/api/request_charge.rs",
        &["mod lists;", "mod projects;"],
    ),
    ("tests/api/request_charge/meter.rs", &["async fn remember("]),
    (
        "tests/api/request_charge/operations.rs",
        &[
            "use super::projects::projects;",
            "    projects(meter).await;",
        ],
    ),
    (
        "tests/api/secrets.rs",
        &[".replace(\"{projectId}\"", ".replace(\"{slug}\""],
    ),
    (
        "tests/api/workload.rs",
        &[
            "check_slugs(user, list, &pages).await;",
            "async fn check_slugs(",
            "let list = projects_below(",
            "async fn projects_below(",
        ],
    ),
    (
        "tests/api/workspaces.rs",
        &[
            "fn shown(answer: Answer)",
            "async fn a_stranger_is_not_told_what_exists",
            "async fn a_workspace_with_projects_is_not_deleted",
            "async fn a_workspace_without_its_marker_is_as_good_as_any",
        ],
    ),
    (
        "tests/contract/hooks.py",
        &[
            "PROJECTS = WORKSPACES",
            "BY_SLUG = PROJECTS",
            "PROJECT = PROJECTS",
            "if path == BY_SLUG and _projects:",
            "(\"DELETE\", PROJECT, 204):",
            "if path == PROJECTS and",
            "if isinstance(failure, ObjectLevelAuthorizationViolation):",
        ],
    ),
    (
        "tests/host/lifetime.rs",
        &[
            "a_project_lives_and_dies(&request, &workspace).await;",
            "async fn a_project_lives_and_dies(",
        ],
    ),
    (
        "xtask/src/contract.rs",
        &[
            "mod clients;",
            "clients::check_python(",
            "clients::check_typescript(",
        ],
    ),
    (
        "xtask/src/sample.rs",
        &[
            "mod projects;",
            "    slug: String,",
            "let slug = projects::seed(",
        ],
    ),
    ("docs/add-an-entity.md", &["- **A rule across items.**"]),
    (
        "docs/api.md",
        &[
            "| `POST, GET /api/workspaces/{workspaceId}/projects` |",
            "| `GET, PATCH, DELETE /api/workspaces/{workspaceId}/projects/{projectId}` |",
            "| `GET /api/workspaces/{workspaceId}/projects/by-slug/{slug}` |",
            "- A project is private unless",
        ],
    ),
    (
        "docs/reliability.md",
        &[
            "| The host repeats a request: one without a body",
            "| A workspace is deleted while projects are made in it |",
            "| A release reads what an earlier or a later one has written |",
            "| Several clients, all of it mixed |",
            "**One batch for what belongs together.**",
        ],
    ),
    (
        "docs/request-charge.md",
        &[
            "  | A project |",
            "  | A slug |",
            "  | The record of a project's creation |",
        ],
    ),
    (
        "docs/settings.md",
        &[
            "| read a public project",
            "| create, change, delete projects |",
        ],
    ),
    (
        "SECURITY.md",
        &["- A viewer who knows the id or slug of a public project"],
    ),
];
