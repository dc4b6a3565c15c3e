/** Asks the gateway on this machine whether it is ready, for engines that run a command: exits with 0 if so. */
import { get as http } from "node:http";
import { get as https } from "node:https";

const { PORT = "8000", PRICE_STREAM_TLS_CERT: certificate } = process.env;
const get = certificate ? https : http;

// It is the gateway next door: no name to be checked.
get({ host: "127.0.0.1", port: PORT, path: "/readyz", rejectUnauthorized: false }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
}).on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
