//! The operations, one for each method of each route.

use super::{ALWAYS, Reference, Schemas};
use crate::domain::member::{Member, SaveMember};
use crate::domain::movement::MoveProject;
use crate::domain::project::{CreateProject, Project, UpdateProject};
use crate::domain::project_batch::{ProjectBatch, ProjectBatchResult};
use crate::domain::text::NAME_PATTERN;
use crate::domain::user::{SaveUser, User, UserSummary};
use crate::domain::workspace::{CreateWorkspace, UpdateWorkspace, Workspace};
use crate::http::health::Health;
use crate::http::list::ListPage;
use crate::http::problem_type::{self as kinds, ProblemType};
use serde_json::{Value, json};

pub(super) enum Access {
    Open,
    Caller,
}

pub(super) struct Operation {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) tag: &'static str,
    pub(super) access: Access,
    pub(super) body: Option<fn(&mut Schemas) -> Reference>,
    pub(super) answers: &'static [Answer],
    /// Parameters of the query: name, schema in JSON, whether it is required.
    query: &'static [(&'static str, &'static str, bool)],
    /// Beside [`ALWAYS`] and what parameters and bodies bring.
    problems: &'static [&'static ProblemType],
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    pub(super) schema: Option<fn(&mut Schemas) -> Reference>,
    pub(super) has_etag: bool,
}

const fn json<T: schemars::JsonSchema>(status: u16, description: &'static str) -> Answer {
    Answer {
        status,
        description,
        schema: Some(Schemas::answered::<T>),
        has_etag: false,
    }
}

const fn versioned<T: schemars::JsonSchema>(status: u16, description: &'static str) -> Answer {
    Answer {
        has_etag: true,
        ..json::<T>(status, description)
    }
}

const fn empty(status: u16, description: &'static str) -> Answer {
    Answer {
        status,
        description,
        schema: None,
        has_etag: status == 304,
    }
}

const GONE: Answer = empty(204, "It is gone");
const SAME: Answer = empty(304, "The caller has this version");

const fn open(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        path,
        method: "get",
        id,
        summary,
        tag: "health",
        access: Access::Open,
        body: None,
        answers: &[],
        query: &[],
        problems: &[],
    }
}

const fn protected(
    method: &'static str,
    path: &'static str,
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
) -> Operation {
    Operation {
        method,
        tag,
        access: Access::Caller,
        ..open(path, id, summary)
    }
}

const LIMIT: (&str, &str, bool) = (
    "limit",
    r#"{"type": "integer", "minimum": 1, "maximum": 100, "default": 20}"#,
    false,
);
const CONTINUATION: (&str, &str, bool) = ("continuation", r#"{"type": "string"}"#, false);

/// `*`, or a list of entity tags (RFC 9110).
const ENTITY_TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"( ?, ?(W/)?"[!#-~]*")*)$"#;

const WORKSPACES: &str = "/api/workspaces";
const WORKSPACE: &str = "/api/workspaces/{workspaceId}";
const MEMBER: &str = "/api/workspaces/{workspaceId}/members/{userId}";
const PROJECTS: &str = "/api/workspaces/{workspaceId}/projects";
const PROJECT: &str = "/api/workspaces/{workspaceId}/projects/{projectId}";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[json::<Health>(200, "It runs")],
        ..open("/api/health/live", "isLive", "Whether the process runs")
    },
    Operation {
        answers: &[
            json::<Health>(200, "Ready"),
            json::<Health>(503, "Degraded, with every reason"),
        ],
        ..open(
            "/api/health/ready",
            "isReady",
            "Whether requests can be carried out",
        )
    },
    Operation {
        body: Some(Schemas::sent::<CreateWorkspace>),
        answers: &[versioned::<Workspace>(
            201,
            "The new workspace; the caller owns it",
        )],
        problems: &[&kinds::IDEMPOTENCY_KEY_REUSED, &kinds::CONTENDED],
        ..protected(
            "post",
            WORKSPACES,
            "workspaces",
            "createWorkspace",
            "Create a workspace",
        )
    },
    Operation {
        answers: &[json::<ListPage<Workspace>>(
            200,
            "A page of them, oldest first",
        )],
        query: &[LIMIT, CONTINUATION],
        ..protected(
            "get",
            WORKSPACES,
            "workspaces",
            "listWorkspaces",
            "List the workspaces I belong to",
        )
    },
    Operation {
        answers: &[versioned::<Workspace>(200, "The workspace"), SAME],
        ..protected(
            "get",
            WORKSPACE,
            "workspaces",
            "getWorkspace",
            "Read a workspace",
        )
    },
    Operation {
        body: Some(Schemas::sent::<UpdateWorkspace>),
        answers: &[versioned::<Workspace>(200, "The changed workspace")],
        problems: &[&kinds::ROLE_TOO_LOW, &kinds::CONTENDED],
        ..protected(
            "patch",
            WORKSPACE,
            "workspaces",
            "updateWorkspace",
            "Change a workspace (owners)",
        )
    },
    Operation {
        answers: &[GONE],
        problems: &[
            &kinds::ROLE_TOO_LOW,
            &kinds::WORKSPACE_NOT_EMPTY,
            &kinds::CONTENDED,
        ],
        ..protected(
            "delete",
            WORKSPACE,
            "workspaces",
            "deleteWorkspace",
            "Delete a workspace without projects (owners)",
        )
    },
    Operation {
        body: Some(Schemas::sent::<SaveMember>),
        answers: &[
            versioned::<Member>(200, "The member"),
            versioned::<Member>(201, "The new member"),
        ],
        problems: &[
            &kinds::ROLE_TOO_LOW,
            &kinds::LAST_OWNER,
            &kinds::TOO_MANY_MEMBERS,
            &kinds::CONTENDED,
        ],
        ..protected(
            "put",
            MEMBER,
            "members",
            "saveMember",
            "Give somebody a role (owners)",
        )
    },
    Operation {
        answers: &[GONE],
        problems: &[&kinds::ROLE_TOO_LOW, &kinds::LAST_OWNER, &kinds::CONTENDED],
        ..protected(
            "delete",
            MEMBER,
            "members",
            "removeMember",
            "End a membership (owners; everybody their own)",
        )
    },
    Operation {
        body: Some(Schemas::sent::<CreateProject>),
        answers: &[versioned::<Project>(201, "The new project")],
        problems: &[
            &kinds::ROLE_TOO_LOW,
            &kinds::IDEMPOTENCY_KEY_REUSED,
            &kinds::CONTENDED,
        ],
        ..protected(
            "post",
            PROJECTS,
            "projects",
            "createProject",
            "Create a project (editors)",
        )
    },
    Operation {
        answers: &[json::<ListPage<Project>>(200, "A page of them")],
        query: &[
            (
                "visibility",
                r#"{"type": "string", "enum": ["public", "private"]}"#,
                false,
            ),
            (
                "tag",
                r#"{"type": "string", "minLength": 1, "maxLength": 50}"#,
                false,
            ),
            (
                "q",
                r#"{"type": "string", "minLength": 1, "maxLength": 200, "description": "Part of the name, whatever its case"}"#,
                false,
            ),
            (
                "orderBy",
                r#"{"type": "string", "enum": ["createdAt", "-createdAt", "name", "-name"], "default": "createdAt"}"#,
                false,
            ),
            LIMIT,
            CONTINUATION,
        ],
        ..protected(
            "get",
            PROJECTS,
            "projects",
            "listProjects",
            "List the projects of a workspace (members)",
        )
    },
    Operation {
        answers: &[versioned::<Project>(200, "The project"), SAME],
        ..protected(
            "get",
            PROJECT,
            "projects",
            "getProject",
            "Read a project (members; everybody if it is public)",
        )
    },
    Operation {
        body: Some(Schemas::sent::<UpdateProject>),
        answers: &[versioned::<Project>(200, "The changed project")],
        problems: &[&kinds::ROLE_TOO_LOW, &kinds::MOVING, &kinds::CONTENDED],
        ..protected(
            "patch",
            PROJECT,
            "projects",
            "updateProject",
            "Change a project (editors)",
        )
    },
    Operation {
        answers: &[GONE],
        problems: &[&kinds::ROLE_TOO_LOW, &kinds::MOVING, &kinds::CONTENDED],
        ..protected(
            "delete",
            PROJECT,
            "projects",
            "deleteProject",
            "Delete a project (editors)",
        )
    },
    Operation {
        answers: &[versioned::<Project>(200, "The project"), SAME],
        ..protected(
            "get",
            "/api/workspaces/{workspaceId}/projects/by-slug/{slug}",
            "projects",
            "getProjectBySlug",
            "Read a project by its slug",
        )
    },
    Operation {
        body: Some(Schemas::sent::<MoveProject>),
        answers: &[versioned::<Project>(200, "The project where it is now")],
        problems: &[
            &kinds::ROLE_TOO_LOW,
            &kinds::MOVING,
            &kinds::CONTENDED,
            &kinds::IDEMPOTENCY_KEY_REUSED,
            &kinds::PRECONDITION_FAILED,
        ],
        ..protected(
            "post",
            "/api/workspaces/{workspaceId}/projects/{projectId}/move",
            "projects",
            "moveProject",
            "Move a project to another workspace (editors of both)",
        )
    },
    Operation {
        body: Some(Schemas::sent::<ProjectBatch>),
        answers: &[json::<ProjectBatchResult>(
            200,
            "What became of each operation",
        )],
        problems: &[
            &kinds::ROLE_TOO_LOW,
            &kinds::MOVING,
            &kinds::CONTENDED,
            &kinds::IDEMPOTENCY_KEY_REUSED,
            &kinds::PRECONDITION_FAILED,
        ],
        ..protected(
            "post",
            "/api/workspaces/{workspaceId}/projects/batch",
            "projects",
            "batchProjects",
            "Change several projects, all or none (editors)",
        )
    },
    Operation {
        answers: &[versioned::<User>(200, "My profile"), SAME],
        problems: &[&kinds::NOT_FOUND],
        ..protected("get", "/api/users/me", "users", "getMe", "Read my profile")
    },
    Operation {
        body: Some(Schemas::sent::<SaveUser>),
        answers: &[
            versioned::<User>(200, "My profile"),
            versioned::<User>(201, "My new profile"),
        ],
        problems: &[&kinds::CONTENDED],
        ..protected(
            "put",
            "/api/users/me",
            "users",
            "saveMe",
            "Create or replace my profile",
        )
    },
    Operation {
        answers: &[json::<ListPage<UserSummary>>(200, "Those who have it")],
        query: &[
            ("email", r#"{"type": "string", "format": "email"}"#, true),
            LIMIT,
            CONTINUATION,
        ],
        ..protected(
            "get",
            "/api/users",
            "users",
            "findUsers",
            "Find users by their exact email address",
        )
    },
];

impl Operation {
    pub(super) fn media_types(&self) -> &'static [&'static str] {
        match self.method {
            "patch" => &["application/merge-patch+json", "application/json"],
            _ => &["application/json"],
        }
    }

    /// Of the path, the query and the headers.
    pub(super) fn parameters(&self) -> Vec<Value> {
        let path = self.path_parameters().map(|name| {
            let schema = match name {
                "slug" => json!({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80}),
                "userId" => json!({"type": "string", "minLength": 1, "maxLength": 128}),
                _ => json!({"type": "string", "format": "uuid"}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        });
        let query = self.query.iter().map(|(name, schema, required)| {
            let mut schema: Value = serde_json::from_str(schema).unwrap_or_default();
            if ["tag", "q"].contains(name) {
                schema["pattern"] = NAME_PATTERN.into();
            }
            json!({"name": name, "in": "query", "required": required, "schema": schema})
        });
        let headers = self
            .headers()
            .into_iter()
            .map(|[name, pattern, description]| {
                let schema = json!({"type": "string", "pattern": pattern});
                json!({"name": name, "in": "header", "description": description, "schema": schema})
            });
        path.chain(query).chain(headers).collect()
    }

    /// Name, pattern and description.
    fn headers(&self) -> Vec<[&'static str; 3]> {
        let mut headers = Vec::new();
        if self.answers.iter().any(|answer| answer.status == 304) {
            let meaning = "Versions the caller has: 304 if it is one of them";
            headers.push(["If-None-Match", ENTITY_TAGS, meaning]);
        }
        if self.takes_if_match() {
            let meaning = "The version the change is for: 412 if it is another one";
            headers.push(["If-Match", ENTITY_TAGS, meaning]);
        }
        if self.method == "post" {
            let meaning = "Makes repeats safe for 24 hours";
            headers.push(["Idempotency-Key", "^[!-~]{1,255}$", meaning]);
        }
        headers
    }

    fn takes_if_match(&self) -> bool {
        matches!(self.method, "patch" | "put" | "delete") || self.id == "moveProject"
    }

    fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.path.split('/');
        segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Every problem the operation may be answered with.
    pub(super) fn problems(&self) -> Vec<&'static ProblemType> {
        if let Access::Open = self.access {
            return vec![&kinds::METHOD_NOT_ALLOWED];
        }
        let mut problems = ALWAYS.to_vec();
        problems.extend(self.problems);
        if self.path.contains('{') {
            problems.extend([&kinds::INVALID_PARAMETER, &kinds::NOT_FOUND]);
        }
        if !self.query.is_empty() {
            problems.extend([&kinds::INVALID_PARAMETER, &kinds::INVALID_CONTINUATION]);
        }
        if self.takes_if_match() {
            problems.push(&kinds::PRECONDITION_FAILED);
        }
        if self.body.is_some() {
            problems.extend([
                &kinds::INVALID_PARAMETER,
                &kinds::BODY_TOO_LARGE,
                &kinds::UNSUPPORTED_MEDIA_TYPE,
                &kinds::VALIDATION_FAILED,
            ]);
        }
        if self.method != "get" {
            problems.push(&kinds::STORAGE_NOT_CONFIGURED);
        }
        problems.sort_by_key(|kind| kind.code);
        problems.dedup_by_key(|kind| kind.code);
        problems
    }
}
