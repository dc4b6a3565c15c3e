/** `npm run chaos:restart -- --clients 2000 --drain 15s`: a restart, as those see it who watch. */
import { parseArgs } from "node:util";
import { runRestart } from "./restart.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "2000" },
    drain: { type: "string", default: "15s" },
    json: { type: "boolean", default: false },
  },
});
const clients = Number(values.clients);
if (!Number.isInteger(clients) || clients < 1 || !/^\d+(ms|s)$/.test(values.drain)) {
  console.error("--clients is a whole number, --drain a time like 15s.");
  process.exit(2);
}

const { figures, violations } = await runRestart(clients, values.drain, (line) => {
  if (!values.json) console.log(line);
});
if (values.json) console.log(JSON.stringify({ figures, violations }));
else {
  console.table(figures);
  for (const violation of violations) console.log(`VIOLATION: ${violation}`);
  console.log(violations.length > 0 ? "The restart was seen." : "No violation.");
}
process.exitCode = violations.length > 0 ? 1 : 0;
