/**
 * What of Render's schema a web service of ours can use.
 * @see https://render.com/schema/render.yaml.json
 */
export const blueprint = {
  type: "object",
  required: ["services"],
  additionalProperties: false,
  properties: {
    services: {
      type: "array",
      items: {
        type: "object",
        required: ["type", "name", "runtime"],
        additionalProperties: false,
        properties: {
          type: { enum: ["web", "worker", "pserv"] },
          name: { type: "string" },
          region: { enum: ["oregon", "ohio", "frankfurt", "singapore", "virginia"] },
          plan: {
            enum: ["free", "starter", "standard", "pro", "pro plus", "pro max", "pro ultra"],
          },
          runtime: { enum: ["docker", "elixir", "go", "image", "node", "python", "ruby", "rust"] },
          buildCommand: { type: "string" },
          startCommand: { type: "string" },
          healthCheckPath: { type: "string" },
          autoDeployTrigger: { enum: ["off", "commit", "checksPass"] },
          maxShutdownDelaySeconds: { type: "integer", minimum: 1, maximum: 300 },
          numInstances: { type: "integer", minimum: 1 },
          envVars: {
            type: "array",
            items: {
              type: "object",
              required: ["key"],
              additionalProperties: false,
              properties: {
                key: { type: "string" },
                value: { anyOf: [{ type: "string" }, { type: "number" }] },
                generateValue: { type: "boolean" },
                sync: { type: "boolean" },
              },
            },
          },
        },
      },
    },
  },
} as const;

/**
 * What of Vercel's schema a page of ours can use. Vercel's packages on npm that have it depend on a
 * path-to-regexp with a known hole.
 * @see https://openapi.vercel.sh/vercel.json
 */
export const vercelConfig = {
  type: "object",
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    framework: { enum: [null, "vite"] },
    installCommand: { type: "string", maxLength: 256 },
    buildCommand: { type: "string", maxLength: 256 },
    outputDirectory: { type: "string", maxLength: 256 },
    headers: {
      type: "array",
      maxItems: 2048,
      items: {
        type: "object",
        required: ["source", "headers"],
        additionalProperties: false,
        properties: {
          source: { type: "string", maxLength: 4096 },
          headers: {
            type: "array",
            items: {
              type: "object",
              required: ["key", "value"],
              additionalProperties: false,
              properties: { key: { type: "string" }, value: { type: "string" } },
            },
          },
        },
      },
    },
  },
} as const;
