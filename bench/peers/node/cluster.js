// As many processes of the service as `WORKERS` says, behind one port.

import cluster from "node:cluster";

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WORKERS); worker += 1) cluster.fork();
} else {
  await import("./app.js");
}
