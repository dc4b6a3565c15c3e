import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { certify } from "./support/certificates.ts";
import { connect, ofType, until } from "./support/client.ts";
import { inContext, readCopy, readDockerfile, readExec } from "./support/dockerfile.ts";
import { startRig } from "./support/gateway.ts";
import { buildImage } from "./support/image.ts";
import { ROOT, read } from "./support/repository.ts";

const stages = readDockerfile(read("Dockerfile"));
const final = stages.at(-1);
const argsOf = (name: string) => final?.steps.find((step) => step.name === name)?.args ?? "";

describe("the Dockerfile", () => {
  it("copies only what there is, what .dockerignore lets through, and what another stage has made", () => {
    const made = { page: ["/app/web/dist", "/app/state"], modules: ["/app/node_modules"] };
    const names = stages.map(({ name }) => name);
    expect(names).toEqual([...Object.keys(made), "final"]);
    for (const { args } of stages.flatMap(({ steps }) =>
      steps.filter(({ name }) => name === "COPY"),
    )) {
      const { from, files } = readCopy(args);
      for (const file of files) {
        if (from)
          expect(Object.entries(made)).toContainEqual([from, expect.arrayContaining([file])]);
        else {
          expect(existsSync(join(ROOT, file)), file).toBe(true);
          expect(inContext(read(".dockerignore"), file), file).toBe(true);
        }
      }
    }
  });

  it("keeps keys, history and tests away from the engine", () => {
    for (const file of [
      ".env",
      "server/.env",
      ".git/config",
      "server/test/x.ts",
      "web/dist/x.js",
    ]) {
      expect(inContext(read(".dockerignore"), file), file).toBe(false);
    }
  });

  it("knows every workspace, without which npm installs nothing", () => {
    const { workspaces } = z
      .object({ workspaces: z.array(z.string()) })
      .parse(JSON.parse(read("package.json")));
    for (const { name, steps } of stages.filter(({ steps }) =>
      steps.some(({ args }) => args.startsWith("npm ci")),
    )) {
      for (const workspace of workspaces) {
        expect(steps, name).toContainEqual({
          name: "COPY",
          args: `${workspace}/package.json ${workspace}/`,
        });
      }
    }
  });

  it("runs the production command as a user without rights, and as the process that gets the signals", () => {
    expect([...readExec(argsOf("ENTRYPOINT")), ...readExec(argsOf("CMD"))]).toEqual([
      "/nodejs/bin/node",
      "--max-semi-space-size=4",
      "server/src/cli/main.ts",
      "serve",
    ]);
    expect(argsOf("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(argsOf("EXPOSE")).toBe("8000");
    expect(final?.base).toMatch(/^gcr\.io\/distroless\/nodejs24-/);
    for (const { base } of stages.slice(0, -1)) expect(base).toMatch(/^node:24-/);
  });
});

const checkHealth = (env: Record<string, string>) => {
  const child = spawn(process.execPath, ["deploy/healthcheck.ts"], { cwd: ROOT, env });
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => {
    complaint += data.toString();
  });
  return once(child, "close").then(([code]) => ({ code, complaint }));
};

it("asks for the health of a gateway that speaks TLS itself in TLS", async () => {
  const rig = await startRig({ tls: await certify("prices.example.com") });
  await until(() => rig.gateway.health().book.assets > 0);
  const PORT = String(rig.gateway.port);
  const [inTls, plain] = await Promise.all([
    checkHealth({ PORT, PRICE_STREAM_TLS_CERT: "fullchain.pem" }),
    checkHealth({ PORT }),
  ]);
  expect(inTls.code).toBe(0);
  expect(plain.code).toBe(1);
  await rig.close();
});

it("asks for the health where the gateway listens, by variables that may be empty", async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/readyz" ? 200 : 404).end();
  });
  await once(server.listen(0, "127.0.0.2"), "listening");
  const PORT = String(z.object({ port: z.number() }).parse(server.address()).port);
  const [there, byDefault, everywhere] = await Promise.all([
    checkHealth({ PORT, HOST: "127.0.0.2" }),
    checkHealth({ PORT: "", HOST: "127.0.0.3" }),
    checkHealth({ PORT, HOST: "::" }),
  ]);
  server.close();
  expect(there).toEqual({ code: 0, complaint: "" });
  expect(byDefault.complaint).toContain("127.0.0.3:8000");
  expect(everywhere.complaint).toContain(`127.0.0.1:${PORT}`);
});

describe.runIf(process.env.TEST_IMAGE === "1")(
  "its steps, done in an empty folder as nobody",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "image-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it("make a gateway that serves page and prices, pleases the doctor, keeps its state and ends in good order", async () => {
      execFileSync("chmod", ["755", folder]);
      const image = await buildImage(folder);
      const packages = globSync("node_modules/*", { cwd: image.path("app") });
      expect(
        packages.filter((name) => /vite|typescript|react|vitest|playwright/.test(name)),
      ).toEqual([]);
      const megabytes = (bytes: number) => Math.round(bytes / 1e6);
      console.log(`${megabytes(image.bytes)} MB copied, Node.js ${megabytes(image.nodeBytes)} MB`);

      const stateFile = image.path("var/lib/price-stream/state.json");
      const child = image.run([...image.command, "demo"], {
        PORT: "0",
        PRICE_STREAM_STATE_FILE: stateFile,
        PRICE_STREAM_DRAIN: "500ms",
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (data: Buffer) => {
          output += data.toString();
        });
      }
      await until(() => output.includes("Made-up prices") || child.exitCode !== null, 15_000);
      const port = Number(/http:\/\/localhost:(\d+)/.exec(output)?.[1]);
      expect(port, output).toBeGreaterThan(0);

      const healthcheck = async () => {
        const [code] = await once(image.run(image.healthcheck, { PORT: String(port) }), "exit");
        return code;
      };
      await expect.poll(healthcheck, { timeout: 10_000 }).toBe(0);
      const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
      expect(page).toContain("Content-Security-Policy");
      const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
      expect((await fetch(`http://127.0.0.1:${port}${script}`)).status).toBe(200);
      const client = await connect(port);
      expect(await client.next(ofType("price_update"))).toMatchObject({ demo: true });

      const doctor = spawn(
        process.execPath,
        ["doctor/src/main.ts", `http://127.0.0.1:${port}`, "--for", "3s", "--assets", "bitcoin"],
        { cwd: ROOT },
      );
      let findings = "";
      doctor.stdout.on("data", (data: Buffer) => {
        findings += data.toString();
      });
      const [verdict] = await once(doctor, "exit");
      expect(verdict, findings).toBe(0);

      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      expect(code, output).toBe(0);
      expect((await client.closed).code).toBe(1012);
      expect(JSON.parse(readFileSync(stateFile, "utf8"))).toMatchObject({
        feed: expect.stringContaining('"mode":"demo"'),
      });
      expect(await healthcheck()).toBe(1);
    }, 300_000);
  },
);
