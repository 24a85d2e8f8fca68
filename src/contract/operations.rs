//! What the document says of each method of each route.
use super::parameters::{CONTINUATION, LIMIT, order, part_of_name, visibility};
use crate::members::{Member, SaveMember};
use crate::problems;
use crate::projects::batch::{ProjectBatch, ProjectBatchResult};
use crate::projects::moves::MoveProject;
use crate::projects::{CreateProject, Project, UpdateProject};
use crate::users::{SaveUser, User, UserSummary};
use crate::workspaces::{CreateWorkspace, UpdateWorkspace, Workspace};
use rest::health::Health;
use rest::identity::Email;
use rest::list::ListPage;
use rest::openapi::operation::{self, GONE, Operation, SAME, in_place, open, protected, versioned};
use rest::openapi::schemas::Schemas;
use rest::problem_type as kinds;
use rest::text::Tag;

const WORKSPACES: &str = "/api/workspaces";
const WORKSPACE: &str = "/api/workspaces/{workspaceId}";
const MEMBER: &str = "/api/workspaces/{workspaceId}/members/{userId}";
const PROJECTS: &str = "/api/workspaces/{workspaceId}/projects";
const PROJECT: &str = "/api/workspaces/{workspaceId}/projects/{projectId}";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[operation::json::<Health>(200, "It runs")],
        ..open("/api/health/live", "isLive", "Whether the process runs")
    },
    Operation {
        answers: &[
            operation::json::<Health>(200, "Ready"),
            operation::json::<Health>(503, "Degraded, with every reason"),
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
        answers: &[operation::json::<ListPage<Workspace>>(
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
        problems: &[&problems::ROLE_TOO_LOW, &kinds::CONTENDED],
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
            &problems::ROLE_TOO_LOW,
            &problems::WORKSPACE_NOT_EMPTY,
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
            &problems::ROLE_TOO_LOW,
            &problems::LAST_OWNER,
            &problems::TOO_MANY_MEMBERS,
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
        problems: &[
            &problems::ROLE_TOO_LOW,
            &problems::LAST_OWNER,
            &kinds::CONTENDED,
        ],
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
            &problems::ROLE_TOO_LOW,
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
        answers: &[operation::json::<ListPage<Project>>(200, "A page of them")],
        query: &[
            ("visibility", visibility, false),
            ("tag", in_place::<Tag>, false),
            ("q", part_of_name, false),
            ("orderBy", order, false),
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
        problems: &[
            &problems::ROLE_TOO_LOW,
            &problems::MOVING,
            &kinds::CONTENDED,
        ],
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
        problems: &[
            &problems::ROLE_TOO_LOW,
            &problems::MOVING,
            &kinds::CONTENDED,
        ],
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
        if_match: true,
        problems: &[
            &problems::ROLE_TOO_LOW,
            &problems::MOVING,
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
        answers: &[operation::json::<ProjectBatchResult>(
            200,
            "What became of each operation",
        )],
        problems: &[
            &problems::ROLE_TOO_LOW,
            &problems::MOVING,
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
        answers: &[operation::json::<ListPage<UserSummary>>(
            200,
            "Those who have it",
        )],
        query: &[("email", in_place::<Email>, true), LIMIT, CONTINUATION],
        ..protected(
            "get",
            "/api/users",
            "users",
            "findUsers",
            "Find users by their exact email address",
        )
    },
];
