import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../../server/test/support/client.ts";

/** Where `scripts/ensure.ts` puts it. */
export const NGINX_CACHE = fileURLToPath(
  new URL("../../../node_modules/.cache/price-stream/nginx", import.meta.url),
);

/** nginx as `NGINX_PATH` names it, or where Debian has it, or fetched; undefined where there is none. */
export const findNginx = (): string | undefined =>
  [process.env.NGINX_PATH ?? "/usr/sbin/nginx", NGINX_CACHE].find(existsSync);

/**
 * A real nginx on loopback.
 * @param locations blocks of its configuration, by path
 */
export async function startNginx(locations: Record<string, string>) {
  const nginx = findNginx();
  if (!nginx) throw new Error("There is no nginx. Run: node scripts/ensure.ts nginx");
  const folder = await mkdtemp(join(tmpdir(), "doctor-nginx-"));
  const port = await freePort();
  const blocks = Object.entries(locations).map(([path, lines]) => `location ${path} { ${lines} }`);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `
    daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 256; }
    http {
      access_log off; ${paths.join(" ")}
      server { listen 127.0.0.1:${port}; proxy_http_version 1.1; ${blocks.join("\n")} }
    }`;
  const file = join(folder, "nginx.conf");
  await writeFile(file, config);
  const child = spawn(nginx, ["-p", folder, "-c", file, "-e", join(folder, "error.log")]);
  let output = "";
  child.stderr.on("data", (data) => {
    output += data;
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let isUp = false;
  await until(() => {
    const socket = connect(port, "127.0.0.1", () => {
      isUp = true;
      socket.destroy();
    });
    socket.on("error", () => {});
    if (child.exitCode !== null) throw new Error(output);
    return isUp;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One that nothing will answer at, or that is taken next. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
