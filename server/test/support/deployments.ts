import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { read } from "./repository.ts";

/** One way in which the gateway is run, as its file says. */
export type Deployment = {
  file: string;
  /** The words of the command, Node.js first; undefined where the image's own is run. */
  command: string[] | undefined;
  /** The command as it is given to a shell, where there is one. */
  shell?: string;
  /** A value that only the operator knows is undefined. */
  env: Record<string, string | undefined>;
  /** From SIGTERM to the end of all patience, s. */
  patienceS: number;
  /** Routes that are asked whether all is well. */
  probes: string[];
};

const KUBERNETES = "deploy/kubernetes/price-stream.yaml";
export const kubernetesObjects = parseAllDocuments(read(KUBERNETES)).map((document) =>
  z.looseObject({ apiVersion: z.string(), kind: z.string() }).parse(document.toJS()),
);

const render = z
  .object({
    services: z.tuple([
      z.object({
        startCommand: z.string(),
        buildCommand: z.string(),
        healthCheckPath: z.string(),
        maxShutdownDelaySeconds: z.number(),
        region: z.string(),
        envVars: z.array(
          z.object({
            key: z.string(),
            value: z.string().optional(),
            generateValue: z.boolean().optional(),
          }),
        ),
      }),
    ]),
  })
  .parse(parse(read("render.yaml"))).services[0];

const seconds = z.string().transform((text) => Number(/^(\d+)s$/.exec(text)?.[1]));

export const compose = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        image: z.string(),
        ports: z.array(z.string()),
        volumes: z.array(z.string()),
        logging: z.object({ driver: z.string() }),
        read_only: z.boolean(),
        security_opt: z.array(z.string()),
        cap_drop: z.array(z.string()),
        stop_grace_period: seconds.optional(),
        environment: z.record(z.string(), z.string()).default({}),
      }),
    ),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(read("compose.yaml")));

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });

export const pod = z
  .object({
    spec: z.object({
      replicas: z.number(),
      template: z.object({
        spec: z.object({
          enableServiceLinks: z.boolean(),
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number() }),
          containers: z.tuple([
            z.object({
              ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
              env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
              readinessProbe: probe,
              livenessProbe: probe,
              lifecycle: z.object({
                preStop: z.object({ sleep: z.object({ seconds: z.number() }) }),
              }),
              securityContext: z.looseObject({
                readOnlyRootFilesystem: z.literal(true),
                allowPrivilegeEscalation: z.literal(false),
              }),
            }),
          ]),
        }),
      }),
    }),
  })
  .parse(kubernetesObjects.find(({ kind }) => kind === "Deployment")).spec;
const [container] = pod.template.spec.containers;

const SYSTEMD = "deploy/systemd/price-stream.service";
/** The values of each setting of the unit. */
export const unit = Map.groupBy(
  read(SYSTEMD)
    .split("\n")
    .filter((line) => /^\w+=/.test(line))
    .map((line) => ({ name: line.slice(0, line.indexOf("=")), value: line.replace(/^\w+=/, "") })),
  ({ name }) => name,
);
const unitValue = (name: string) => unit.get(name)?.[0]?.value ?? "";

export const deployments: Deployment[] = [
  {
    file: "render.yaml",
    command: render.startCommand.replace(/^exec /, "").split(" "),
    shell: render.startCommand,
    env: Object.fromEntries(
      render.envVars.map(({ key, value, generateValue }) => [
        key,
        // 256 bits in base64.
        generateValue ? Buffer.alloc(32, 7).toString("base64") : value,
      ]),
    ),
    patienceS: render.maxShutdownDelaySeconds,
    probes: [render.healthCheckPath],
  },
  {
    file: "compose.yaml",
    command: undefined,
    env: Object.fromEntries(
      Object.entries(compose.services.gateway?.environment ?? {}).map(([name, value]) => [
        name,
        value.replace(/\$\{\w+:-([^}]*)\}/, "$1"),
      ]),
    ),
    patienceS: compose.services.gateway?.stop_grace_period ?? 10,
    probes: [],
  },
  {
    file: SYSTEMD,
    command: unitValue("ExecStart").replace("/opt/price-stream/", "").split(" "),
    env: Object.fromEntries(
      unitValue("Environment")
        .split(" ")
        .map((pair) => pair.split("=")),
    ),
    patienceS: Number(unitValue("TimeoutStopSec")),
    probes: [],
  },
  {
    file: KUBERNETES,
    command: undefined,
    env: Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
    patienceS:
      pod.template.spec.terminationGracePeriodSeconds - container.lifecycle.preStop.sleep.seconds,
    probes: [container.readinessProbe.httpGet.path, container.livenessProbe.httpGet.path],
  },
];
