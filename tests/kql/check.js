// Parses every KQL query of the repository and binds it to the columns of its tables, offline.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const language = path.join(__dirname, "node_modules/@kusto/language-service-next");
for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(language, script), "utf8"), { filename: script });
}
const { Symbols, GlobalState, KustoCode } = globalThis.Kusto.Language;
const { tables } = JSON.parse(fs.readFileSync(path.join(__dirname, "tables.json"), "utf8"));
const symbols = Object.entries(tables).map(([name, columns]) => Symbols.TableSymbol.From(`(${columns})`).WithName(name));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1("workspace", symbols));

function problems(query) {
  const diagnostics = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, index) => diagnostics.getItem(index).Message);
}

function files(folder, ending) {
  const entries = fs.readdirSync(folder, { recursive: true }).map((entry) => path.join(folder, entry));
  return entries.filter((file) => file.endsWith(ending) && !file.includes("node_modules"));
}

const documents = files(path.join(__dirname, "../../docs"), ".md").flatMap((file) => {
  const fences = fs.readFileSync(file, "utf8").matchAll(/^ *```kusto\n(.*?)^ *```/gms);
  return Array.from(fences, ([, query]) => [file, query]);
});
const queries = files(path.join(__dirname, "../../infra/queries"), ".kql").map((file) => [file, fs.readFileSync(file, "utf8")]);

// What it is for: neither of these may pass.
for (const wrong of ["requests | where resultcode == 1", "requests | filterr name == ''"]) {
  if (problems(wrong).length === 0) throw new Error(`nothing is said of: ${wrong}`);
}
const found = [...queries, ...documents].flatMap(([file, query]) => problems(query).map((message) => `${file}: ${message}`));
console.log(found.length === 0 ? `${queries.length + documents.length} queries parse and bind` : found.join("\n"));
process.exitCode = found.length === 0 && queries.length > 0 && documents.length > 0 ? 0 : 1;
