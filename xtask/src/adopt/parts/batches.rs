//! Batches of changes to projects.

use super::{Edit, NOTHING, Part, cut, edit};

pub(super) const BATCHES: Part = Part {
    name: "batches",
    what: "batches of changes to projects",
    paths: &[
        "src/projects/batch",
        "tests/api/batches.rs",
        "tests/api/request_charge/batches.rs",
    ],
    rows: &[("docs/request-charge.md", "/projects/batch` | ")],
    entries: ENTRIES,
    blocks: &[(
        "tests/api/access.rs",
        &["\"/api/workspaces/{workspaceId}/projects/batch\""],
    )],
    edits: EDITS,
    words: &[
        "projects/batch",
        "ProjectBatch",
        "batchProjects",
        "batch_projects",
        "projects::batch",
        "batches::",
        "ServiceError::Operation",
        "Action::Batch",
    ],
    ..NOTHING
};

const ENTRIES: &[(&str, &[&str])] = &[
    (
        "src/app.rs",
        &[
            "use crate::projects::batch::http as batches;",
            "{workspaceId}/projects/batch\")",
        ],
    ),
    (
        "src/error.rs",
        &[
            "    Operation {",
            "ServiceError::Operation { index, error } =>",
            "fn of_operation(",
        ],
    ),
    ("src/projects/mod.rs", &["pub mod batch;"]),
    ("tests/api/access.rs", &["path.ends_with(\"/batch\") =>"]),
    ("tests/api/crashes/creations.rs", &["async fn a_batch("]),
    (
        "tests/api/idempotency.rs",
        &[
            "async fn the_same_key_with_another_path_is_refused",
            "let batch = json!(",
            "(format!(\"{projects}/batch\"), projects.clone(), batch),",
        ],
    ),
    (
        "tests/api/isolation.rs",
        &[
            "| Action::Batch { .. }",
            "Action::Batch { .. } => (Method::POST",
            "let body = of_batch(",
            "fn of_batch(",
        ],
    ),
    (
        "tests/api/isolation/step.rs",
        &[
            "    Batch {",
            "prop_map(|delete| Action::Batch { delete }),",
        ],
    ),
    ("tests/api/main.rs", &["mod batches;"]),
    (
        "tests/api/overload.rs",
        &["async fn large_batches_do_not_wait"],
    ),
    ("tests/api/request_charge.rs", &["mod batches;"]),
    (
        "tests/api/request_charge/operations.rs",
        &["use super::batches::batches;", "    batches(meter).await;"],
    ),
    (
        "tests/api/contract_forms.rs",
        &[
            "fn a_batch_has_one_kind_of_operation(",
            "\"OperationResult\",",
        ],
    ),
    (
        "tests/contract/round.py",
        &[
            "operations = [",
            "batch = ProjectBatch(",
            "done = batch_projects.sync(",
            "assert [result.project.name for result in done]",
            "gone = batch_projects.sync(",
            "assert gone.results[0].project is UNSET",
        ],
    ),
    (
        "tests/contract/typescript/round.ts",
        &["const done = given(", "assert.deepEqual(done.results"],
    ),
    (
        "tests/contract/hooks.py",
        &[
            "BATCH = PROJECTS",
            "NEEDED = {",
            "ALLOWED = {",
            "if path == BATCH and isinstance",
            "def _fitting(",
            "def _has_what_it_needs(",
            "case.operation.path == BATCH:",
            "def _batch_names_a_version(",
            "def _operations(",
            "def _given(",
        ],
    ),
    ("docs/api.md", &["/projects/batch` | 1 to 30", "## Batches"]),
    (
        "docs/request-charge.md",
        &["  | The record of a batch of 30"],
    ),
];

const EDITS: &[Edit] = &[
    edit(
        "tests/contract/round.py",
        "import batch_projects, create_project",
        "import create_project",
    ),
    edit(
        "tests/contract/round.py",
        "CreateWorkspace, Op, Problem, ProjectBatch
from app_client.models import ProjectOperation, UpdateProject",
        "CreateWorkspace, Problem
from app_client.models import UpdateProject",
    ),
    cut("tests/contract/round.py", "from uuid import UUID\n"),
    edit(
        "tests/contract/round.py",
        "    missing = delete_project",
        "    assert delete_project.sync_detailed(*place, client=client).status_code == HTTPStatus.NO_CONTENT\n    missing = delete_project",
    ),
    edit(
        "tests/contract/hooks.py",
        "and \"If-Match\" in request.headers) or _batch_names_a_version(case)",
        "and \"If-Match\" in request.headers)",
    ),
    edit("README.md", "idempotency keys, batches", "idempotency keys"),
    cut(
        "docs/reliability.md",
        ", `batches::a_batch_whose_answer_is_lost_…`",
    ),
    cut(
        "docs/request-charge.md",
        ", and a batch of 30 creations 144 RU less (298.5 → 154.2 RU for 995 → 514 values)",
    ),
];
