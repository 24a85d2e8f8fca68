// The emulator as the JavaScript SDK (@azure/cosmos) uses it: `node sdk.js target/debug/cosmos-emulator`.
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { ChangeFeedStartFrom, CosmosClient } = require("@azure/cosmos");

const refused = (call, code) => assert.rejects(call, (error) => error.code === code);

async function points(container) {
  for (const [n, name] of ["Alpha", "Beta", "it's é"].entries()) {
    await container.items.create({ id: `${n}`, partitionKey: "p", name, n, group: n % 2 });
  }
  await refused(container.items.create({ id: "0", partitionKey: "p" }), 409);
  const { resource } = await container.item("0", "p").read();
  resource.n = 10;
  const isSame = { accessCondition: { type: "IfMatch", condition: resource._etag } };
  await container.item("0", "p").replace(resource, isSame);
  await refused(container.item("0", "p").replace(resource, isSame), 412);
  await container.items.upsert({ id: "extra", partitionKey: "p" });
  await container.item("extra", "p").delete();
  assert.equal((await container.item("extra", "p").read()).statusCode, 404);
  await refused(container.items.create({ id: "t", partitionKey: "p", ttl: 0 }), 400);
  await refused(container.item("0", "p").replace({ id: "0", partitionKey: "other" }), 400);
}

async function patches(container) {
  const item = container.item("0", "p");
  assert.equal((await item.patch([{ op: "incr", path: "/n", value: 1 }])).resource.n, 11);
  assert.equal((await item.patch([{ op: "incr", path: "/new", value: 5 }])).resource.new, 5);
  const operations = [{ op: "set", path: "/n", value: 0 }];
  await refused(item.patch({ condition: "from c where c.n = 99", operations }), 412);
  const patched = await item.patch({ condition: 'from c where c["n"] = 11', operations });
  assert.equal(patched.resource.n, 0);
}

async function queries(container) {
  const rows = async (query, options) => (await container.items.query(query, options).fetchAll()).resources;
  const inP = { partitionKey: "p" };
  assert.deepEqual(await rows('SELECT VALUE c.id FROM c WHERE c.name = "Alpha"', inP), ["0"]);
  const parameters = [{ name: "@name", value: "it's é" }];
  assert.deepEqual(await rows({ query: "SELECT VALUE c.id FROM c WHERE c.name = @name", parameters }, inP), ["2"]);
  await container.items.create({ id: "other", partitionKey: "q", n: 5, group: 1 });

  assert.equal((await rows("SELECT * FROM c")).length, 4);
  const ordered = "SELECT VALUE c.n FROM c ORDER BY c.n";
  assert.deepEqual(await rows(ordered), [0, 1, 2, 5]);
  assert.deepEqual(await rows(ordered, { maxItemCount: 1 }), [0, 1, 2, 5]);
  assert.deepEqual(await rows(`${ordered} DESC OFFSET 1 LIMIT 2`), [2, 1]);
  assert.deepEqual(await rows("SELECT VALUE COUNT(1) FROM c"), [4]);
  assert.deepEqual(await rows("SELECT VALUE SUM(c.n) FROM c"), [8]);
  assert.deepEqual(await rows("SELECT VALUE MAX(c.n) FROM c"), [5]);
  assert.deepEqual((await rows("SELECT DISTINCT VALUE c.group FROM c")).sort(), [0, 1]);
  const groups = await rows("SELECT c.group, COUNT(1) AS items FROM c GROUP BY c.group");
  assert.deepEqual(groups.map(({ items }) => items), [2, 2]);

  const { queryMetrics } = await container.items.query("SELECT * FROM c", { populateQueryMetrics: true }).fetchAll();
  assert.equal(Object.values(queryMetrics)[0].outputDocumentCount, 4);
  assert.equal((await container.items.readAll().fetchAll()).resources.length, 4);
  await pages(container, "SELECT * FROM c WHERE c.partitionKey = 'p'", 3);
  await pages(container, "SELECT * FROM c ORDER BY c.n", 4);
}

/** Reads a query a page at a time, each by the continuation of the page before. */
async function pages(container, query, items) {
  const ids = new Set();
  let read = 0;
  let continuationToken;
  do {
    const options = { maxItemCount: 1, enableQueryControl: true, continuationToken };
    const page = await container.items.query(query, options).fetchNext();
    for (const { id } of page.resources ?? []) {
      ids.add(id);
      read += 1;
    }
    ({ continuationToken } = page);
  } while (continuationToken);
  assert.deepEqual([read, ids.size], [items, items], query);
}

async function batches(container) {
  const create = (id, partitionKey) => ({ operationType: "Create", partitionKey, resourceBody: { id, partitionKey } });
  const patch = { operationType: "Patch", id: "1", resourceBody: { operations: [{ op: "incr", path: "/n", value: 1 }] } };
  const { result } = await container.items.batch(
    [create("new", "p"), patch, { operationType: "Read", id: "1" }, { operationType: "Delete", id: "new" }],
    "p",
  );
  assert.deepEqual(result.map(({ statusCode }) => statusCode), [201, 200, 200, 204]);
  assert.equal(result[2].resourceBody.n, 2);

  const bulk = await container.items.bulk([create("b1", "p"), create("b2", "q"), create("b2", "q")]);
  assert.deepEqual(bulk.map(({ statusCode }) => statusCode), [201, 201, 409]);
  const operations = [create("e1", "p"), create("e2", "q"), { ...patch, partitionKey: "p" }];
  const executed = await container.items.executeBulkOperations(operations);
  assert.deepEqual(executed.map(({ response }) => response.statusCode), [201, 201, 200]);
}

async function changeFeed(container) {
  const changes = async (changeFeedStartFrom) => {
    const feed = container.items.getChangeFeedIterator({ changeFeedStartFrom, maxItemCount: 2 });
    let found = 0;
    // It has more results for ever.
    for (let ranges = 0; ranges < 4; ) {
      const { statusCode, count } = await feed.readNext();
      found += count;
      ranges = statusCode === 304 ? ranges + 1 : ranges;
    }
    return found;
  };
  assert.equal(await changes(ChangeFeedStartFrom.Beginning()), 8);
  assert.equal(await changes(ChangeFeedStartFrom.Now()), 0);
}

async function definitions(client) {
  const { database } = await client.databases.createIfNotExists({ id: "javascript" });
  const definition = { id: "c", partitionKey: { paths: ["/pk"] }, defaultTtl: 60, throughput: 500 };
  const { container, resource } = await database.containers.createIfNotExists(definition);
  assert.equal(resource.defaultTtl, 60);
  await container.replace({ ...resource, defaultTtl: 70 });
  assert.equal((await container.read()).resource.defaultTtl, 70);
  const offer = (await container.readOffer()).resource;
  assert.equal(offer.content.offerThroughput, 500);
  offer.content.offerThroughput = 600;
  await client.offer(offer.id).replace(offer);
  assert.equal((await container.readOffer()).resource.content.offerThroughput, 600);
  assert.equal((await database.containers.readAll().fetchAll()).resources.length, 1);
  await container.delete();
  await database.delete();
}

async function main() {
  const emulator = spawn(process.argv[2], ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(emulator.stdout, "data");
    const [endpoint] = /http:\/\/[\w.:]+/.exec(line);
    const client = new CosmosClient({ endpoint, key: "a2V5" });
    const container = client.database("app").container("items");
    await points(container);
    await patches(container);
    await queries(container);
    await batches(container);
    await changeFeed(container);
    await definitions(client);
  } finally {
    emulator.kill();
  }
  console.log("@azure/cosmos works against the emulator");
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
