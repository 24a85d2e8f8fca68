//! Lists of projects: filters, orders, pages.

use super::find::find;
use super::moves::finish::{self as moves, Outcome};
use crate::access::{CanView, WorkspaceScope};
use crate::call::Call;
use crate::error::ServiceError;
use crate::id::WorkspaceId;
use crate::projects::{Project, StoredProject, Visibility};
use cosmos_store::error::StorageError;
use cosmos_store::item::Item;
use cosmos_store::query::Query;
use rest::continuation::{Position, Token};
use rest::page::{Limit, Page};
use rest::text::{Name, Tag};
use serde::Serialize;

/// Which projects a list shows, and in which order.
#[derive(Debug, Default, Serialize)]
pub struct ProjectFilter {
    pub visibility: Option<Visibility>,
    pub tag: Option<Tag>,
    /// Part of the name, whatever its case.
    pub q: Option<Name>,
    pub order: ProjectOrder,
}

#[derive(Debug, Default, Clone, Copy, Serialize)]
pub enum ProjectOrder {
    #[default]
    CreatedAt,
    CreatedAtDescending,
    Name,
    NameDescending,
}

impl ProjectOrder {
    /// Returns the order, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "createdAt" => Ok(Self::CreatedAt),
            "-createdAt" => Ok(Self::CreatedAtDescending),
            "name" => Ok(Self::Name),
            "-name" => Ok(Self::NameDescending),
            _ => Err("must be `createdAt`, `-createdAt`, `name` or `-name`".to_owned()),
        }
    }

    /// Projects with the same value order by id, so that a position is never between two.
    /// `infra/container.json` has a composite index for each pair.
    fn sql(self) -> &'static str {
        match self {
            Self::CreatedAt => "c.createdAt ASC, c.id ASC",
            Self::CreatedAtDescending => "c.createdAt DESC, c.id DESC",
            Self::Name => "c.name ASC, c.id ASC",
            Self::NameDescending => "c.name DESC, c.id DESC",
        }
    }

    /// What comes after a position. The first comparison alone bounds the index scan.
    fn after(self) -> &'static str {
        match self {
            Self::CreatedAt => {
                "c.createdAt >= @after AND (c.createdAt > @after OR c.id > @afterId)"
            }
            Self::CreatedAtDescending => {
                "c.createdAt <= @after AND (c.createdAt < @after OR c.id < @afterId)"
            }
            Self::Name => "c.name >= @after AND (c.name > @after OR c.id > @afterId)",
            Self::NameDescending => "c.name <= @after AND (c.name < @after OR c.id < @afterId)",
        }
    }

    fn position(self, project: &StoredProject) -> Position {
        let value = match self {
            Self::CreatedAt | Self::CreatedAtDescending => project.created_at.to_string(),
            Self::Name | Self::NameDescending => project.name.as_str().to_owned(),
        };
        Position {
            value,
            id: project.id(),
        }
    }
}

/// The workspace's projects that pass `filter`.
pub async fn list(
    call: &Call,
    workspace_id: WorkspaceId,
    filter: &ProjectFilter,
    limit: Limit,
    continuation: Option<&str>,
) -> Result<Page<Project>, ServiceError> {
    if !call.items.is_configured() {
        return Ok(Page::empty());
    }
    let scope = call.authorise::<CanView>(workspace_id).await?;
    let this_list = ("projects", workspace_id, filter);
    let after = match continuation {
        Some(token) => Some(Token::open(&this_list, token)?),
        None => None,
    };
    let query = query(filter, after)?;
    let found = call.items.query(&scope, query, limit.plus_one()).await?;
    let position = |project: &StoredProject| filter.order.position(project);
    let page: Page<StoredProject> = Page::of(found, limit, &this_list, position);
    let mut value = Vec::with_capacity(page.value.len());
    for project in page.value {
        value.extend(staying(call, &scope, project).await?.map(Project::from));
    }
    Ok(Page {
        value,
        next: page.next,
    })
}

/// The project, unless it has moved to another workspace.
async fn staying(
    call: &Call,
    scope: &WorkspaceScope<CanView>,
    project: StoredProject,
) -> Result<Option<StoredProject>, ServiceError> {
    if project.mark().is_none() {
        return Ok(Some(project));
    }
    let Some(latest) = find(call, scope, project.id).await? else {
        return Ok(None);
    };
    Ok(match moves::settle(&call.items, latest).await? {
        Outcome::Stays(project) => Some(project.item),
        Outcome::Moved(_) => None,
    })
}

fn query(
    filter: &ProjectFilter,
    after: Option<Position>,
) -> Result<Query<StoredProject>, StorageError> {
    let mut query = Query::new("")?;
    if let Some(visibility) = filter.visibility {
        query = query.and("c.visibility = @visibility", "@visibility", visibility)?;
    }
    if let Some(tag) = &filter.tag {
        query = query.and("ARRAY_CONTAINS(c.tags, @tag)", "@tag", tag)?;
    }
    if let Some(q) = &filter.q {
        query = query.and("CONTAINS(c.name, @q, true)", "@q", q)?;
    }
    if let Some(after) = after {
        query = query
            .and(filter.order.after(), "@after", after.value)?
            .bind("@afterId", after.id)?;
    }
    Ok(query.order_by(filter.order.sql()))
}
