import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "vite";

export type ServedPage = { url: string; close(): Promise<void> };

/**
 * Bundles a module for browsers, and serves it on loopback, in a page with an empty `#root`.
 * @param entry path of the module
 * @param mode `development` for what React checks only then
 */
export async function servePage(
  entry: string,
  mode: "production" | "development" = "production",
): Promise<ServedPage> {
  const files = await bundle(entry, mode);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const code = files.get(pathname.slice(1));
    if (code !== undefined) {
      response.setHeader("content-type", "text/javascript").end(code);
    } else {
      response.setHeader("content-type", "text/html").end(HTML);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const HTML =
  '<!doctype html><title>test</title><div id="root"></div><script type="module" src="/entry.js"></script>';

/** @returns the code by file name; the module itself is `entry.js` */
async function bundle(entry: string, mode: string): Promise<Map<string, string>> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": JSON.stringify(mode) },
    build: {
      write: false,
      minify: false,
      rollupOptions: { input: entry, output: { entryFileNames: "entry.js" } },
    },
  });
  const files = new Map<string, string>();
  for (const one of Array.isArray(output) ? output : [output]) {
    if (!("output" in one)) continue;
    for (const file of one.output) if (file.type === "chunk") files.set(file.fileName, file.code);
  }
  return files;
}
