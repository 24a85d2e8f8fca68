// A round with openapi-fetch and the types that openapi-typescript generates: `node round.js <URL>`.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Project = components["schemas"]["Project"];

const [, , baseUrl = ""] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { "x-dev-user": "typescript" } });

/** What a call that succeeds answers. */
function given<T>({ data, error }: { data?: T; error?: unknown }): T {
  assert.ok(data, JSON.stringify(error));
  return data;
}

const workspace = given(await client.POST("/api/workspaces", { body: { name: "Generated" } }));
const inWorkspace = { path: { workspaceId: workspace.id } };

const projects: Project[] = [];
let etag = "";
for (let number = 0; number < 5; number += 1) {
  const created = await client.POST("/api/workspaces/{workspaceId}/projects", {
    params: inWorkspace,
    body: { name: `Project ${number}`, tags: ["generated"] },
  });
  projects.push(given(created));
  etag = created.response.headers.get("etag") ?? "";
}
const [project] = projects.slice(-1) as [Project];
assert.equal(project.visibility, "private");
assert.equal(project.updatedAt, null);

const names: string[] = [];
let continuation: string | undefined;
do {
  const query = continuation === undefined ? { limit: 2 } : { limit: 2, continuation };
  const params = { ...inWorkspace, query };
  const page = given(await client.GET("/api/workspaces/{workspaceId}/projects", { params }));
  names.push(...page.value.map(({ name }) => name));
  const next = page.nextLink === undefined ? undefined : new URL(page.nextLink, baseUrl);
  continuation = next?.searchParams.get("continuation") ?? undefined;
} while (continuation !== undefined);
assert.deepEqual(names, projects.map(({ name }) => name));

const one = "/api/workspaces/{workspaceId}/projects/{projectId}";
const path = { workspaceId: workspace.id, projectId: project.id };
const same = await client.GET(one, { params: { path, header: { "If-None-Match": etag } } });
assert.equal(same.response.status, 304);
const ifMatch = { params: { path, header: { "If-Match": etag } } };
const changed = given(await client.PATCH(one, { ...ifMatch, body: { description: "Changed" } }));
assert.deepEqual([changed.description, changed.name, changed.visibility], ["Changed", "Project 4", "private"]);
const cleared = given(await client.PATCH(one, { params: { path }, body: { description: null } }));
assert.equal(cleared.description, null);

const stale = await client.PATCH(one, { ...ifMatch, body: { description: "Changed" } });
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.code, "precondition-failed");
const wrong = await client.POST("/api/workspaces/{workspaceId}/projects", { params: inWorkspace, body: { name: " " } });
assert.equal(wrong.error?.errors?.[0]?.pointer, "/name");

const done = given(
  await client.POST("/api/workspaces/{workspaceId}/projects/batch", {
    params: inWorkspace,
    body: {
      operations: [
        { op: "create", project: { name: "Another" } },
        { op: "update", projectId: project.id, patch: { name: "Renamed" } },
      ],
    },
  }),
);
assert.deepEqual(done.results.map((result) => result.project?.name), ["Another", "Renamed"]);
assert.equal((await client.DELETE(one, { params: { path } })).response.status, 204);
const gone = await client.GET(one, { params: { path } });
assert.equal(gone.error?.code, "not-found");
console.log("the generated TypeScript client works");
