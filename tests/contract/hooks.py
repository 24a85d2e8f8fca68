"""What schemathesis cannot know of this API: what to try, what is meant although it looks like a failure (each with
its reason), and checks of our own."""

import re
from collections import Counter

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import IgnoredAuth, ObjectLevelAuthorizationViolation, RejectedPositiveData
from schemathesis.specs.openapi import _auth_retry

# With AUTH_MODE=dev every id is somebody, so that the only bad credential is what is too long for one. Should the
# constant have another name one day, `ignored_auth` will fail.
_auth_retry.INVALID_CREDENTIAL = "x" * 321

ID = re.compile(r"[ -~]{1,320}")
STRANGER = "a-stranger-to-all-workspaces"
ME = "/api/users/me"
WORKSPACES = "/api/workspaces"
MEMBER = WORKSPACES + "/{workspaceId}/members/{userId}"
PROJECTS = WORKSPACES + "/{workspaceId}/projects"
BATCH = PROJECTS + "/batch"
BY_SLUG = PROJECTS + "/by-slug/{slug}"
PROJECT = PROJECTS + "/{projectId}"
MOVE = PROJECT + "/move"
# What an operation of a batch must have, and may have. Its schema has all of it: generators of clients want no other.
NEEDED = {"create": {"project"}, "update": {"projectId", "patch"}, "delete": {"projectId"}}
ALLOWED = {"create": {"op"}, "update": {"op", "ifMatch"}, "delete": {"op", "ifMatch"}}


# What to try


def _entity_tags():
    inner = st.text("".join(map(chr, [0x21, *range(0x23, 0x7F)])), max_size=20)
    tag = st.builds('{}"{}"'.format, st.sampled_from(["", "W/"]), inner)
    return st.just("*") | st.lists(tag, min_size=1, max_size=3).map(", ".join)


schemathesis.openapi.format("entity-tags", _entity_tags())
_successes = set()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for path, methods in raw_schema["paths"].items():
        for method, operation in methods.items():
            _successes.update((method, path, status) for status in operation["responses"] if status < "400")
            for parameter in operation["parameters"]:
                # The coverage phase makes headers of letters and digits alone. Where a pattern needs others it takes
                # an empty one for valid.
                if parameter["name"] in ("If-Match", "If-None-Match"):
                    parameter["schema"]["format"] = "entity-tags"
    # Callers are to ignore fields they do not know, so the document allows more of them. But the app must not
    # answer with what the document does not have.
    for schema in raw_schema["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)


_uses_of_key = Counter()
_workspaces, _projects, _members = [], {}, []
_turns = Counter()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Schemathesis hardly finds what belongs together in these: every second time it is given that."""
    path = case.operation.path
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    _turns[case.method, path] += 1
    if _turns[case.method, path] % 2:
        return
    if case.method == "GET" and any(name in case.headers for name in ("If-Match", "If-None-Match")):
        case.headers["If-None-Match"] = "*"
        case.headers.pop("If-Match", None)
    if path == ME and case.method == "DELETE":
        # The others own workspaces.
        case.headers["x-dev-user"] = STRANGER
    if path == MEMBER and case.method == "DELETE" and _members:
        case.path_parameters = _members.pop()
    if path in (BY_SLUG, MOVE) and _projects:
        project = _projects[max(_projects)]
        elsewhere = [workspace for workspace in _workspaces if workspace != project["workspaceId"]]
        case.path_parameters = {name: project[name] for name in case.path_parameters}
        if path == MOVE and elsewhere:
            case.body = {"targetWorkspaceId": elsewhere[-1]}
    if path == BATCH and isinstance(case.body, dict):
        case.body["operations"] = [_fitting(operation) for operation in case.body["operations"]]


def _fitting(operation):
    """The operation as it would be right, or another."""
    op = operation["op"]
    fitting = {name: value for name, value in _given(operation).items() if name in NEEDED[op] | ALLOWED[op]}
    return fitting if _has_what_it_needs(fitting) else {"op": "create", "project": {"name": "New"}}


def _has_what_it_needs(operation):
    needed, allowed = NEEDED[operation["op"]], ALLOWED[operation["op"]]
    return needed <= operation.keys() <= needed | allowed


@schemathesis.hook
def after_call(context, case, response):
    _uses_of_key[_key(response)] += 1
    path, status = case.operation.path, response.status_code
    if (case.method, path, status) == ("DELETE", PROJECT, 204):
        _projects.pop(case.path_parameters["projectId"], None)
    made = _json(response) if status == 201 or (path, status) == (MOVE, 200) else {}
    here = case.path_parameters.get("workspaceId")
    if path == WORKSPACES and "id" in made:
        _workspaces.append(made["id"])
    if path in (PROJECTS, MOVE) and {"id", "slug", "workspaceId"} <= made.keys():
        _projects[made["id"]] = {"projectId": made["id"], "slug": made["slug"], "workspaceId": made["workspaceId"]}
    if path == MEMBER and "userId" in made:
        _members.append({"userId": made["userId"], "workspaceId": here})


# What is meant


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, RejectedPositiveData):
        return not _is_refused_for_more_than_its_schema(case, response)
    if isinstance(failure, AcceptedNegativeData):
        # In a merge patch, null removes a field, even one that is not there.
        return not (case.method == "PATCH" and isinstance(case.body, dict) and None in case.body.values())
    if isinstance(failure, ObjectLevelAuthorizationViolation):
        # Public projects are for every caller.
        return _object(response).get("visibility") != "public"
    if isinstance(failure, IgnoredAuth):
        # A generated id is somebody, too: see INVALID_CREDENTIAL.
        user = response.request.headers.get("x-dev-user", "").strip()
        return failure.scenario != "generated_auth" or not ID.fullmatch(user)
    return True


def _is_refused_for_more_than_its_schema(case, response):
    """Whether the request has what makes this refusal right: no schema can say what is stored, or what values may not
    be together."""
    request, code = response.request, _json(response).get("code")
    if code == "precondition-failed":
        # `If-None-Match` excludes what is there. `If-Match: *` is any version, so that it fails only where there may be
        # none yet.
        if request.headers.get("If-None-Match"):
            return True
        if_match = request.headers.get("If-Match", "*")
        may_be_absent = request.method == "PUT" or case.operation.path == ME
        return if_match != "*" or (may_be_absent and "If-Match" in request.headers) or _batch_names_a_version(case)
    if code == "idempotency-key-reused":
        return _uses_of_key[_key(response)] > 1
    if code == "invalid-continuation":
        # Tokens that were given out are tried by `a_next_link_leads_on`.
        return "continuation=" in request.url
    if code == "validation-failed" and case.operation.path == MOVE:
        return case.body["targetWorkspaceId"].lower() == case.path_parameters["workspaceId"].lower()
    if code == "validation-failed" and case.operation.path == BATCH:
        ids = [operation["projectId"].lower() for operation in _operations(case) if "projectId" in operation]
        return len(set(ids)) < len(ids) or not all(map(_has_what_it_needs, _operations(case)))
    return False


def _batch_names_a_version(case):
    return any(operation.get("ifMatch", "*") != "*" for operation in _operations(case))


def _operations(case):
    return list(map(_given, case.body["operations"])) if case.operation.path == BATCH else []


def _given(operation):
    """To the app, null is as good as absent here."""
    return {name: value for name, value in operation.items() if value is not None}


def _key(response):
    """Keys are their callers' own."""
    headers = response.request.headers
    return headers.get("x-dev-user"), headers.get("Idempotency-Key")


# Checks


@schemathesis.check
def a_next_link_leads_on(ctx, response, case):
    link = _object(response).get("nextLink")
    if link:
        page = _get(response, link, response.request.headers.get("x-dev-user"))
        assert page.status_code == 200, f"{link} answers {page.status_code}: {page.text}"


@schemathesis.check
def strangers_see_nothing_but_public_projects(ctx, response, case):
    found = _object(response)
    if case.method == "GET" and "{workspaceId}" in case.operation.path and found and found.get("visibility") != "public":
        seen = _get(response, response.request.path_url, STRANGER)
        assert seen.status_code == 404, f"a stranger is answered {seen.status_code}: {seen.text}"


@schemathesis.check
class every_success_is_reached:
    """Where nothing but refusals is seen, nothing was tested."""

    def after_response(self, ctx, response, case):
        _successes.discard((case.method.lower(), case.operation.path, str(response.status_code)))

    def after_run(self, ctx):
        missing = sorted(f"{method.upper()} {path}: {status}" for method, path, status in _successes)
        assert not missing, "never answered:\n" + "\n".join(missing)


def _object(response):
    return _json(response) if response.status_code == 200 else {}


def _json(response):
    """Nothing where it is no object: that is for the checks of schemathesis to find."""
    try:
        found = response.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _get(response, link, user):
    base = response.request.url.removesuffix(response.request.path_url)
    return requests.get(base + link, headers={"x-dev-user": user}, timeout=30)
