import { isLoopback } from "../target.ts";
import { type Check, fail, pass, skip } from "./check.ts";

/** Whether browsers let the page connect at all. */
export const page: Check = {
  name: "page",
  needs: [],
  diagnose({ page, target: { secure, host, stream } }) {
    if (page === undefined) return skip("no page was named with --page");
    if (secure || !page.startsWith("https:")) return pass(`${page} may use ${stream}`);
    if (isLoopback(host)) return pass(`${page} may use ${stream}, which never leaves the machine`);
    return fail(
      `${page} is https, and ${stream} is not: browsers block it`,
      `Use ${stream.replace(/^ws:/, "wss:")} in the page, and have a proxy speak TLS there.`,
    );
  },
};
