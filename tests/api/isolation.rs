//! Nothing a user of one workspace sends shows or changes anything in another one.

mod step;

use crate::app::{Answer, App, User};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use step::{Action, Step, step};

/// A user with a workspace. Everything of theirs has their name in it.
struct Tenant<'a> {
    user: User<'a>,
    name: &'static str,
    workspace: String,
    projects: Vec<Project>,
    /// A continuation token of their list.
    token: String,
    /// The last idempotency key they used.
    key: String,
}

#[derive(Clone)]
struct Project {
    id: String,
    slug: String,
    is_public: bool,
}

impl<'a> Tenant<'a> {
    async fn start(app: &'a App, name: &'static str) -> Self {
        let user = app.user(name);
        let made = user.post("/api/workspaces", json!({"name": name})).await;
        let mut tenant = Self {
            user,
            name,
            workspace: made.location(),
            projects: Vec::new(),
            token: String::new(),
            key: String::new(),
        };
        for is_public in [true, false] {
            tenant.create(is_public).await;
        }
        let list = format!("{}/projects?limit=1", tenant.workspace);
        let page = tenant.user.get(&list).await;
        let (_, token) = page.text("nextLink").rsplit_once('=').unwrap();
        token.clone_into(&mut tenant.token);
        tenant
    }

    async fn create(&mut self, is_public: bool) {
        let visibility = if is_public { "public" } else { "private" };
        let body = json!({"name": self.name, "visibility": visibility});
        self.key = format!("{}-{}", self.name, self.projects.len());
        self.key += &self.workspace[self.workspace.len() - 12..];
        self.key += &fastrand::u64(..).to_string();
        let create = self
            .user
            .request(Method::POST, &format!("{}/projects", self.workspace));
        let create = create.header("idempotency-key", &self.key).json(&body);
        let made = Answer::of(create).await;
        self.projects.push(Project {
            id: made.text("id").to_owned(),
            slug: made.text("slug").to_owned(),
            is_public,
        });
    }

    /// Everything of theirs is as the model says.
    async fn check(&self) {
        let list = format!("{}/projects?limit=100", self.workspace);
        let pages = self.user.pages(&list).await.concat();
        let found: Vec<_> = pages.iter().map(|p| p["id"].as_str().unwrap()).collect();
        let expected: Vec<_> = self.projects.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(found, expected);
        let workspace = self.user.get(&self.workspace).await.json;
        assert_eq!(workspace["name"], self.name);
        let members = format!("{}/members", self.workspace);
        assert_eq!(self.user.pages(&members).await.concat().len(), 1);
    }
}

/// Does the step; keeps the model of its own workspace, and checks what comes back from the other one.
async fn run(step: &Step, tenants: &mut [Tenant<'_>; 2]) {
    let is_own = step.by == step.workspace_of;
    let other = tenants[1 - step.by].name;
    let pool = &tenants[step.project_of].projects;
    let project = pool.get(step.project % pool.len().max(1)).cloned();
    let project = project.unwrap_or_else(|| Project {
        id: "0190163d-8694-739b-aea5-966c26f8ad91".to_owned(),
        slug: "gone".to_owned(),
        is_public: false,
    });
    if let Action::Create { is_public } = step.action
        && is_own
    {
        return tenants[step.by].create(is_public).await;
    }
    if matches!(
        step.action,
        Action::DeleteWorkspace
            | Action::JoinAsOwner
            | Action::PatchWorkspace
            | Action::Move
            | Action::Batch { .. }
    ) && is_own
    {
        return;
    }
    let answer = send(step, tenants, &project).await;
    if is_own {
        if matches!(step.action, Action::Delete) && answer.status == 204 {
            tenants[step.by]
                .projects
                .retain(|known| known.id != project.id);
        }
    } else {
        let reads_one = matches!(step.action, Action::Get | Action::GetBySlug);
        if !(reads_one && answer.status == 200 && project_is_public(step, tenants, &answer.json)) {
            assert!(
                [400, 404].contains(&answer.status.as_u16()),
                "{step:?}: {answer:?}"
            );
            assert!(
                !answer.json.to_string().contains(other),
                "{step:?}: {answer:?}"
            );
        }
    }
}

fn project_is_public(step: &Step, tenants: &[Tenant<'_>; 2], shown: &Value) -> bool {
    let known = tenants[step.workspace_of].projects.iter();
    let mut known = known.filter(|project| shown["id"] == project.id.as_str());
    known.any(|project| project.is_public)
}

async fn send(step: &Step, tenants: &[Tenant<'_>; 2], project: &Project) -> Answer {
    let user = &tenants[step.by].user;
    let other = tenants[1 - step.by].name;
    let workspace = &tenants[step.workspace_of].workspace;
    let one = format!("{workspace}/projects/{}", project.id);
    let body = json!({"name": tenants[step.by].name});
    let body = of_move(step, tenants).unwrap_or(body);
    let body = of_batch(step, tenants, project).unwrap_or(body);
    let (method, path, if_match) = match &step.action {
        Action::Create { .. } => (Method::POST, format!("{workspace}/projects"), None),
        Action::List {
            query,
            with_token_of,
        } => {
            let token = with_token_of.map(|of| format!("&continuation={}", tenants[of].token));
            let path = format!("{workspace}/projects?{query}{}", token.unwrap_or_default());
            (Method::GET, path, None)
        }
        Action::Get => (Method::GET, one, None),
        Action::GetBySlug => (
            Method::GET,
            format!("{workspace}/projects/by-slug/{}", project.slug),
            None,
        ),
        Action::Patch { if_match } => (Method::PATCH, one, *if_match),
        Action::Delete => (Method::DELETE, one, None),
        Action::GetWorkspace => (Method::GET, workspace.clone(), None),
        Action::PatchWorkspace => (Method::PATCH, workspace.clone(), None),
        Action::DeleteWorkspace => (Method::DELETE, workspace.clone(), None),
        Action::Move => (Method::POST, format!("{one}/move"), None),
        Action::Batch { .. } => (Method::POST, format!("{workspace}/projects/batch"), None),
        Action::JoinAsOwner => {
            let path = format!("{workspace}/members/{}", tenants[step.by].name);
            (Method::PUT, path, None)
        }
    };
    // Headers that other modes and platforms believe in.
    let mut request = user
        .request(method.clone(), &path)
        .header("x-ms-client-principal-id", other)
        .header("x-user-id", other);
    if let Some(etag) = if_match {
        request = request.header("if-match", etag);
    }
    Answer::of(match method {
        Method::PUT => request.json(&json!({"role": "owner"})),
        // With a key that the other tenant used.
        Method::POST => {
            let key = &tenants[step.workspace_of].key;
            request.header("idempotency-key", key).json(&body)
        }
        Method::PATCH => request.json(&body),
        _ => request,
    })
    .await
}

fn of_move(step: &Step, tenants: &[Tenant<'_>; 2]) -> Option<Value> {
    let mine = tenants[step.by].workspace.rsplit('/').next();
    matches!(step.action, Action::Move).then(|| json!({"targetWorkspaceId": mine}))
}

fn of_batch(step: &Step, tenants: &[Tenant<'_>; 2], project: &Project) -> Option<Value> {
    let patch = json!({"name": tenants[step.by].name});
    let operation = match step.action {
        Action::Batch { delete: true } => json!({"op": "delete", "projectId": project.id}),
        Action::Batch { delete: false } => {
            json!({"op": "update", "projectId": project.id, "patch": patch})
        }
        _ => return None,
    };
    Some(json!({"operations": [operation]}))
}

#[test]
fn no_sequence_of_requests_reaches_into_another_workspace() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let app = runtime.block_on(App::start());
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    });
    let steps = prop::collection::vec(step(), 1..25);
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            let mut tenants = [
                Tenant::start(&app, "ada-of-one").await,
                Tenant::start(&app, "bob-of-two").await,
            ];
            for step in &steps {
                run(step, &mut tenants).await;
            }
            for tenant in &tenants {
                tenant.check().await;
            }
        });
        Ok(())
    });
    outcome.unwrap();
}
