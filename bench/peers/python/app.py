"""The same API as a Python service: FastAPI, pydantic, the async Cosmos DB SDK, one container for the process.

It has what `cargo xtask bench` asks for, and does for it what the handler does: the caller comes in a header, must be
a member of the workspace, and who is a member is remembered for ten seconds.
"""

import os
import re
import time
import uuid
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from enum import Enum
from typing import Annotated, Any

from azure.core import MatchConditions
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import (
    CosmosAccessConditionFailedError,
    CosmosResourceNotFoundError,
)
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MEMBERS_KEPT_SECONDS = 10
ROLES_THAT_WRITE = {"editor", "owner"}
ATTEMPTS = 5
LIST = "SELECT * FROM c WHERE c.docType = @docType ORDER BY c.createdAt ASC, c.id ASC"


class Visibility(str, Enum):
    PUBLIC = "public"
    PRIVATE = "private"


Tag = Annotated[str, Field(min_length=1, max_length=50)]


class Base(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class CreateProject(Base):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str | None, Field(max_length=2_000)] = None
    visibility: Visibility = Visibility.PUBLIC
    tags: Annotated[list[Tag], Field(max_length=20)] = []


class UpdateProject(Base):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    description: Annotated[str | None, Field(max_length=2_000)] = None
    visibility: Visibility | None = None
    tags: Annotated[list[Tag], Field(max_length=20)] | None = None


class Project(Base):
    id: str
    workspace_id: Annotated[str, Field(validation_alias="partitionKey")]
    name: str
    description: str | None
    visibility: Visibility
    tags: list[str]
    slug: str
    author_id: str
    created_at: str
    updated_at: str | None


class ProjectPage(Base):
    value: list[Project]
    next_link: str | None = None


class Members:
    """Who the members of workspaces are, as they were a few seconds ago at most."""

    def __init__(self, container: ContainerProxy) -> None:
        self.container = container
        self.known: dict[str, tuple[float, dict[str, str]]] = {}

    async def of(self, workspace: str) -> dict[str, str]:
        known = self.known.get(workspace)
        if known and known[0] > time.monotonic():
            return known[1]
        try:
            found = await self.container.read_item(workspace, partition_key=workspace)
        except CosmosResourceNotFoundError:
            raise HTTPException(404) from None
        roles = {member["userId"]: member["role"] for member in found["members"]}
        self.known[workspace] = (time.monotonic() + MEMBERS_KEPT_SECONDS, roles)
        return roles


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with CosmosClient(os.environ["COSMOS_ENDPOINT"], os.environ["COSMOS_KEY"]) as client:
        database = client.get_database_client(os.environ["COSMOS_DATABASE_NAME"])
        app.state.container = database.get_container_client(os.environ["COSMOS_CONTAINER_ID"])
        app.state.members = Members(app.state.container)
        yield


app = FastAPI(lifespan=lifespan)


def container_of(request: Request) -> ContainerProxy:
    return request.app.state.container


async def caller_of(x_dev_user: Annotated[str | None, Header()] = None) -> str:
    if not x_dev_user:
        raise HTTPException(401)
    return x_dev_user


Container = Annotated[ContainerProxy, Depends(container_of)]
Caller = Annotated[str, Depends(caller_of)]


async def reader(request: Request, workspace: str, caller: Caller) -> str:
    if caller not in await request.app.state.members.of(workspace):
        raise HTTPException(404)
    return workspace


async def writer(request: Request, workspace: str, caller: Caller) -> str:
    role = (await request.app.state.members.of(workspace)).get(caller)
    if role is None:
        raise HTTPException(404)
    if role not in ROLES_THAT_WRITE:
        raise HTTPException(403)
    return workspace


Readable = Annotated[str, Depends(reader)]
Writable = Annotated[str, Depends(writer)]
Match = Annotated[str | None, Header()]


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell(response: Response, item: Any, etag: str) -> None:
    response.headers["etag"] = etag
    response.headers["x-ms-request-charge"] = item.get_response_headers()["x-ms-request-charge"]


@app.get("/")
async def live() -> str:
    return "ok"


@app.get("/api/workspaces/{workspace}/projects/{project}")
async def get_project(
    container: Container,
    workspace: Readable,
    project: uuid.UUID,
    response: Response,
    if_none_match: Match = None,
) -> Project:
    item = await read(container, workspace, project)
    if if_none_match == item["_etag"]:
        return Response(status_code=304, headers={"etag": item["_etag"]})
    tell(response, item, item["_etag"])
    return Project.model_validate(item)


@app.get("/api/workspaces/{workspace}/projects")
async def list_projects(
    container: Container,
    workspace: Readable,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    continuation: str | None = None,
) -> ProjectPage:
    pages = container.query_items(
        LIST,
        parameters=[{"name": "@docType", "value": "project"}],
        partition_key=workspace,
        max_item_count=limit,
    ).by_page(continuation)
    page = await anext(pages)
    value = [Project.model_validate(item) async for item in page]
    token = pages.continuation_token
    link = f"/api/workspaces/{workspace}/projects?limit={limit}&continuation={token}"
    return ProjectPage(value=value, next_link=link if token else None)


@app.post("/api/workspaces/{workspace}/projects", status_code=201)
async def create_project(
    container: Container,
    workspace: Writable,
    caller: Caller,
    body: CreateProject,
    response: Response,
) -> Project:
    slug = re.sub(r"[^a-z0-9]+", "-", body.name.lower()).strip("-") or "project"
    item = body.model_dump(by_alias=True, mode="json") | {
        "id": str(uuid.uuid4()),
        "partitionKey": workspace,
        "docType": "project",
        "slug": slug,
        "authorId": caller,
        "createdAt": now(),
        "updatedAt": None,
    }
    # In one batch with the project, so that no other project of the workspace gets the slug.
    reservation = {
        "id": f"slug:{slug}",
        "partitionKey": workspace,
        "docType": "slugReservation",
        "slug": slug,
        "projectId": item["id"],
    }
    batch = [("create", (reservation,)), ("create", (item,))]
    results = await container.execute_item_batch(batch, partition_key=workspace)
    tell(response, results, results[1]["eTag"])
    response.headers["location"] = f"/api/workspaces/{workspace}/projects/{item['id']}"
    return Project.model_validate(item)


@app.patch("/api/workspaces/{workspace}/projects/{project}")
async def update_project(
    container: Container,
    workspace: Writable,
    project: uuid.UUID,
    body: UpdateProject,
    response: Response,
) -> Project:
    changes = body.model_dump(by_alias=True, mode="json", exclude_unset=True)
    for _ in range(ATTEMPTS):
        item = await read(container, workspace, project)
        try:
            changed = await container.replace_item(
                item["id"],
                {**item, **changes, "updatedAt": now()},
                etag=item["_etag"],
                match_condition=MatchConditions.IfNotModified,
            )
        except CosmosAccessConditionFailedError:
            continue
        tell(response, changed, changed["_etag"])
        return Project.model_validate(changed)
    raise HTTPException(503)


async def read(container: ContainerProxy, workspace: str, project: uuid.UUID):
    try:
        item = await container.read_item(str(project), partition_key=workspace)
    except CosmosResourceNotFoundError:
        raise HTTPException(404) from None
    if item["docType"] != "project":
        raise HTTPException(404)
    return item
