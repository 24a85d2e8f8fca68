// The same API as a Node service: fastify and the Cosmos DB SDK, one container for the process.
//
// It has what `cargo xtask bench` asks for, and does for it what the handler does: the caller comes in a header, must be
// a member of the workspace, and who is a member is remembered for ten seconds.

import { randomUUID } from "node:crypto";
import { CosmosClient } from "@azure/cosmos";
import Fastify from "fastify";

const MEMBERS_KEPT_MS = 10_000;
const ROLES_THAT_WRITE = new Set(["editor", "owner"]);
const ATTEMPTS = 5;
const LIST = "SELECT * FROM c WHERE c.docType = @docType ORDER BY c.createdAt ASC, c.id ASC";

const client = new CosmosClient({
  endpoint: process.env.COSMOS_ENDPOINT,
  key: process.env.COSMOS_KEY,
});
const container = client
  .database(process.env.COSMOS_DATABASE_NAME)
  .container(process.env.COSMOS_CONTAINER_ID);

const uuid = { type: "string", format: "uuid" };
const nullable = { type: ["string", "null"] };
const fields = {
  name: { type: "string", minLength: 1, maxLength: 200 },
  description: { ...nullable, maxLength: 2_000 },
  visibility: { type: "string", enum: ["public", "private"] },
  tags: {
    type: "array",
    maxItems: 20,
    items: { type: "string", minLength: 1, maxLength: 50 },
  },
};
const project = {
  type: "object",
  properties: {
    id: uuid,
    workspaceId: uuid,
    name: { type: "string" },
    description: nullable,
    visibility: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    slug: { type: "string" },
    authorId: { type: "string" },
    createdAt: { type: "string" },
    updatedAt: nullable,
  },
};
const page = {
  type: "object",
  properties: {
    value: { type: "array", items: project },
    nextLink: { type: "string" },
  },
};
const body = { type: "object", additionalProperties: false, properties: fields };
const ofWorkspace = { type: "object", properties: { workspace: uuid } };
const ofProject = { type: "object", properties: { workspace: uuid, project: uuid } };

class Refused extends Error {
  constructor(statusCode) {
    super();
    this.statusCode = statusCode;
  }
}

const known = new Map();

/// Who the members of a workspace are, as they were a few seconds ago at most.
async function membersOf(workspace) {
  const found = known.get(workspace);
  if (found && found.until > performance.now()) return found.roles;
  const { resource } = await container.item(workspace, workspace).read();
  if (!resource) throw new Refused(404);
  const roles = new Map(resource.members.map(({ userId, role }) => [userId, role]));
  known.set(workspace, { roles, until: performance.now() + MEMBERS_KEPT_MS });
  return roles;
}

async function roleOf(request) {
  const caller = request.headers["x-dev-user"];
  if (!caller) throw new Refused(401);
  const role = (await membersOf(request.params.workspace)).get(caller);
  if (!role) throw new Refused(404);
  return role;
}

async function canRead(request) {
  await roleOf(request);
}

async function canWrite(request) {
  if (!ROLES_THAT_WRITE.has(await roleOf(request))) throw new Refused(403);
}

async function read({ workspace, project }) {
  const answer = await container.item(project, workspace).read();
  if (answer.resource?.docType !== "project") throw new Refused(404);
  return answer;
}

function shown({ partitionKey, ...item }) {
  return { ...item, workspaceId: partitionKey };
}

function tell(reply, etag, charge) {
  return reply.header("etag", etag).header("x-ms-request-charge", charge);
}

const app = Fastify({ keepAliveTimeout: 60_000 });

app.get("/", async () => "ok");

app.get(
  "/api/workspaces/:workspace/projects/:project",
  { schema: { params: ofProject, response: { 200: project } }, preHandler: canRead },
  async (request, reply) => {
    const { resource, etag, requestCharge } = await read(request.params);
    tell(reply, etag, requestCharge);
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    return shown(resource);
  },
);

app.get(
  "/api/workspaces/:workspace/projects",
  {
    schema: {
      params: ofWorkspace,
      querystring: {
        type: "object",
        properties: {
          limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
          continuation: { type: "string" },
        },
      },
      response: { 200: page },
    },
    preHandler: canRead,
  },
  async (request, reply) => {
    const { workspace } = request.params;
    const { limit, continuation } = request.query;
    const query = { query: LIST, parameters: [{ name: "@docType", value: "project" }] };
    const options = {
      partitionKey: workspace,
      maxItemCount: limit,
      continuationToken: continuation,
    };
    const found = await container.items.query(query, options).fetchNext();
    reply.header("x-ms-request-charge", found.requestCharge);
    const token = found.continuationToken;
    const link = `/api/workspaces/${workspace}/projects?limit=${limit}&continuation=`;
    return {
      value: found.resources.map(shown),
      nextLink: token && link + encodeURIComponent(token),
    };
  },
);

app.post(
  "/api/workspaces/:workspace/projects",
  {
    schema: {
      params: ofWorkspace,
      body: { ...body, required: ["name"] },
      response: { 201: project },
    },
    preHandler: canWrite,
  },
  async (request, reply) => {
    const { workspace } = request.params;
    const { name, description = null, visibility = "public", tags = [] } = request.body;
    const slug =
      name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "project";
    const item = {
      id: randomUUID(),
      partitionKey: workspace,
      docType: "project",
      name,
      description,
      visibility,
      tags,
      slug,
      authorId: request.headers["x-dev-user"],
      createdAt: new Date().toISOString(),
      updatedAt: null,
    };
    // In one batch with the project, so that no other project of the workspace gets the slug.
    const reservation = {
      id: `slug:${slug}`,
      partitionKey: workspace,
      docType: "slugReservation",
      slug,
      projectId: item.id,
    };
    const operations = [reservation, item].map((resourceBody) => ({
      operationType: "Create",
      resourceBody,
    }));
    const { result, headers, code } = await container.items.batch(operations, workspace);
    if (code !== 200) throw new Refused(409);
    tell(reply, result[1].eTag, headers["x-ms-request-charge"]);
    reply.header("location", `/api/workspaces/${workspace}/projects/${item.id}`);
    return reply.code(201).send(shown(item));
  },
);

app.patch(
  "/api/workspaces/:workspace/projects/:project",
  { schema: { params: ofProject, body, response: { 200: project } }, preHandler: canWrite },
  async (request, reply) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { item, resource, etag } = await read(request.params);
      const changed = { ...resource, ...request.body, updatedAt: new Date().toISOString() };
      try {
        const written = await item.replace(changed, {
          accessCondition: { type: "IfMatch", condition: etag },
        });
        tell(reply, written.etag, written.requestCharge);
        return shown(written.resource);
      } catch (error) {
        if (error.code !== 412) throw error;
      }
    }
    throw new Refused(503);
  },
);

await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
