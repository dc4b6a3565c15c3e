/** Asks the gateway on this machine whether it is ready, for engines that run a command: exits with 0 if so. */
import { get as http } from "node:http";
import { get as https } from "node:https";

// An empty variable is none, as for the gateway.
const { PORT, HOST, PRICE_STREAM_TLS_CERT: certificate } = process.env;
const get = certificate ? https : http;
// Where it listens everywhere it listens here too. It is the gateway next door: no name to be checked.
const host = HOST === "::" || HOST === "0.0.0.0" ? undefined : HOST;
const at = { host: host || "127.0.0.1", port: PORT || "8000", path: "/readyz" };

get({ ...at, rejectUnauthorized: false }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
}).on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
