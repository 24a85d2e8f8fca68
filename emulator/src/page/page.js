"use strict";

const at = (id) => document.getElementById(id);
/** The container and the partition that are looked at. */
const chosen = { database: "", container: "", partitionKey: null };
const KEPT_REQUESTS = 200;
let lastRequest = 0;
let totalCharge = 0;

/** Everything that is shown is put in as text: what is stored here may be anything. */
function element(name, text, children = []) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

async function controls(path, parameters = {}) {
  const answer = await fetch(`${path}?${new URLSearchParams(parameters)}`);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body;
}

/** Runs what an event asks for, and shows why it failed. */
function doing(work) {
  return async (event) => {
    try {
      await work(event);
      at("trouble").hidden = true;
    } catch (error) {
      at("trouble").textContent = error.message;
      at("trouble").hidden = false;
    }
  };
}

function choice(label, note, choose) {
  const button = element("button", label);
  button.type = "button";
  if (note) button.append(element("small", note));
  button.addEventListener("click", doing(() => choose(button)));
  return element("li", undefined, [button]);
}

function markCurrent(list, button) {
  for (const other of list.querySelectorAll("button")) other.removeAttribute("aria-current");
  button?.setAttribute("aria-current", "true");
}

async function showContainers() {
  const { containers } = await controls("containers");
  const options = containers.map(({ database, container }) => {
    const option = element("option", `${database}/${container}`);
    option.dataset.database = database;
    option.dataset.container = container;
    return option;
  });
  const before = at("container").value;
  at("container").replaceChildren(...options);
  if (options.some((option) => option.value === before)) at("container").value = before;
  await showPartitions();
}

async function showPartitions() {
  const option = at("container").selectedOptions[0];
  const { database, container } = option.dataset;
  if (database !== chosen.database || container !== chosen.container) {
    Object.assign(chosen, { database, container, partitionKey: null });
    showItems({});
  }
  const { partitions } = await controls("partitions", { database, container });
  const entries = partitions.map(({ partitionKey, kinds }) => {
    const note = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`).join(", ");
    const entry = choice(shown(partitionKey), note, (button) => open(partitionKey, button));
    entry.dataset.key = partitionKey;
    return entry;
  });
  at("partitions").replaceChildren(...entries);
  filterPartitions();
  const current = entries.find((entry) => entry.dataset.key === chosen.partitionKey);
  if (current) await open(chosen.partitionKey, current.firstChild);
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `["a"]` is shown as `a`. */
function shown(partitionKey) {
  return JSON.parse(partitionKey).map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" / ");
}

function filterPartitions() {
  const wanted = at("filter").value.toLowerCase();
  for (const entry of at("partitions").children) {
    entry.hidden = !entry.dataset.key.toLowerCase().includes(wanted);
  }
}

async function open(partitionKey, button) {
  chosen.partitionKey = partitionKey;
  markCurrent(at("partitions"), button);
  const { database, container } = chosen;
  const { kinds } = await controls("items", { database, container, partitionKey });
  showItems(kinds);
}

function showItems(kinds) {
  const groups = Object.entries(kinds).map(([kind, items]) => {
    const entries = items.map((item) => choice(item.id, item.name ?? item.displayName, (button) => {
      markCurrent(at("items"), button);
      at("item").textContent = JSON.stringify(ownFirst(item), null, 2);
    }));
    const group = element("details", undefined, [
      element("summary", `${kind} (${items.length})`),
      element("ul", undefined, entries),
    ]);
    group.open = true;
    return group;
  });
  at("items").replaceChildren(...groups);
  at("no-items").hidden = groups.length > 0;
  at("item").textContent = "Choose an item.";
}

/** What the account adds comes last. */
function ownFirst(item) {
  const fields = Object.entries(item);
  const added = ([name]) => name.startsWith("_");
  return Object.fromEntries([...fields.filter((field) => !added(field)), ...fields.filter(added)]);
}

/** A query is a request as any program sends it: it is counted, and faults meet it. */
async function run(event) {
  event.preventDefault();
  const { database, container, partitionKey } = chosen;
  const where = at("everywhere").checked || partitionKey === null
    ? { "x-ms-documentdb-query-enablecrosspartition": "True" }
    : { "x-ms-documentdb-partitionkey": partitionKey };
  const path = `/dbs/${encodeURIComponent(database)}/colls/${encodeURIComponent(container)}/docs`;
  const answer = await fetch(path, {
    method: "POST",
    headers: {
      "content-type": "application/query+json",
      "x-ms-documentdb-isquery": "True",
      "x-ms-max-item-count": "100",
      ...where,
    },
    body: JSON.stringify({ query: at("sql").value, parameters: [] }),
  });
  const body = await answer.json();
  const charge = answer.headers.get("x-ms-request-charge");
  const more = answer.headers.has("x-ms-continuation") ? ", and there are more" : "";
  at("outcome").textContent = answer.ok
    ? `${count(body.Documents.length, "row")}${more}, ${charge} RU`
    : `${answer.status}: nothing was read`;
  at("rows").textContent = answer.ok ? JSON.stringify(body.Documents, null, 2) : body.message;
  at("rows").hidden = false;
}

async function showRequests() {
  if (document.hidden) return;
  const { requests } = await controls("recent", { after: lastRequest });
  if (requests.length === 0) return;
  lastRequest = requests[0].number;
  totalCharge += requests.reduce((sum, { requestCharge }) => sum + requestCharge, 0);
  at("requests").prepend(...requests.map(row));
  while (at("requests").children.length > KEPT_REQUESTS) at("requests").lastChild.remove();
  at("total").textContent = `${totalCharge.toFixed(2)} RU in all`;
}

function row(request) {
  const about = request.query ?? request.ids.join(", ");
  const status = element("td", request.status);
  status.className = request.status < 400 ? "good" : "bad";
  return element("tr", undefined, [
    element("td", new Date(request.at).toLocaleTimeString()),
    element("td", `${request.method} ${request.resource}`),
    element("td", request.partitionKey ? shown(request.partitionKey) : ""),
    element("td", about),
    status,
    element("td", request.requestCharge.toFixed(2)),
    element("td", request.milliseconds.toFixed(1)),
  ]);
}

at("container").addEventListener("change", doing(showPartitions));
at("reload").addEventListener("click", doing(showContainers));
at("filter").addEventListener("input", filterPartitions);
at("query").addEventListener("submit", doing(run));
doing(showContainers)();

/** One after the other, and no sooner than a second after the last. */
async function watch() {
  await doing(showRequests)();
  setTimeout(watch, 1000);
}
watch();
