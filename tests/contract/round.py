"""A round with the client that openapi-python-client generates: `python round.py <folder of the package> <URL>`."""

import sys
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

sys.path.insert(0, sys.argv[1])

from app_client import Client
from app_client.api.projects import batch_projects, create_project, delete_project, get_project
from app_client.api.projects import list_projects, update_project
from app_client.api.workspaces import create_workspace
from app_client.models import CreateProject, CreateWorkspace, Op, Problem, ProjectBatch
from app_client.models import ProjectOperation, UpdateProject, Visibility
from app_client.types import UNSET


def main() -> None:
    client = Client(base_url=sys.argv[2], headers={"x-dev-user": "python"})
    workspace = create_workspace.sync(client=client, body=CreateWorkspace(name="Generated"))
    assert workspace.description is None

    for number in range(5):
        body = CreateProject(name=f"Project {number}", tags=["generated"])
        created = create_project.sync_detailed(workspace.id, client=client, body=body)
        assert created.status_code == HTTPStatus.CREATED
        assert created.parsed.visibility is Visibility.PRIVATE
        assert created.parsed.updated_at is None
    project, etag = created.parsed, created.headers["etag"]

    names, continuation = [], UNSET
    while continuation is not None:
        page = list_projects.sync(workspace.id, client=client, limit=2, continuation=continuation)
        names += [found.name for found in page.value]
        link = page.next_link
        continuation = parse_qs(urlsplit(link).query)["continuation"][0] if link else None
    assert names == [f"Project {number}" for number in range(5)], names

    place = (workspace.id, project.id)
    same = get_project.sync_detailed(*place, client=client, if_none_match=etag)
    assert same.status_code == HTTPStatus.NOT_MODIFIED
    patch = UpdateProject(description="Changed")
    changed = update_project.sync_detailed(*place, client=client, body=patch, if_match=etag)
    assert changed.status_code == HTTPStatus.OK
    assert (changed.parsed.description, changed.parsed.name) == ("Changed", "Project 4")
    assert changed.parsed.visibility is Visibility.PRIVATE
    cleared = update_project.sync(*place, client=client, body=UpdateProject(description=None))
    assert cleared.description is None

    stale = update_project.sync_detailed(*place, client=client, body=patch, if_match=etag)
    assert stale.status_code == HTTPStatus.PRECONDITION_FAILED
    assert isinstance(stale.parsed, Problem)
    assert stale.parsed.code == "precondition-failed", stale.parsed
    wrong = create_project.sync(workspace.id, client=client, body=CreateProject(name=" "))
    assert isinstance(wrong, Problem)
    assert wrong.errors[0].pointer == "/name"

    operations = [
        ProjectOperation(op=Op.CREATE, project=CreateProject(name="Another")),
        ProjectOperation(op=Op.UPDATE, project_id=project.id, patch=UpdateProject(name="Renamed")),
        ProjectOperation(op=Op.DELETE, project_id=UUID(str(project.id))),
    ]
    batch = ProjectBatch(operations=operations[:2])
    done = batch_projects.sync(workspace.id, client=client, body=batch).results
    assert [result.project.name for result in done] == ["Another", "Renamed"]
    gone = batch_projects.sync(workspace.id, client=client, body=ProjectBatch(operations=operations[2:]))
    assert gone.results[0].project is UNSET

    missing = delete_project.sync_detailed(*place, client=client)
    assert missing.status_code == HTTPStatus.NOT_FOUND
    print("the generated Python client works")


main()
