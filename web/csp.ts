import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/**
 * The one style element that the chart library makes, for its logo: browsers tell the hash of another when
 * they refuse it.
 */
const CHART_STYLE = "'sha256-3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY='";

/**
 * Writes into the built page what it may load and where it may connect: to the gateway that `VITE_API_URL`
 * names, else to its own origin. As an element of the page it holds on any host.
 * @see https://www.w3.org/TR/CSP3/#meta-element
 */
export function contentSecurityPolicy(): Plugin {
  let gateway: string[] = [];
  return {
    name: "content-security-policy",
    apply: "build",
    configResolved({ env }) {
      gateway = gatewaySources(env.VITE_API_URL);
    },
    transformIndexHtml: {
      order: "post",
      handler: (html) => [
        {
          tag: "meta",
          injectTo: "head-prepend",
          attrs: { "http-equiv": "Content-Security-Policy", content: policy(html, gateway) },
        },
      ],
    },
  };
}

/**
 * Where the page may connect to: HTTP, and the stream by WebSocket.
 * @param url what `VITE_API_URL` says; nothing where the gateway serves the page itself
 * @throws Error for what is no address of a gateway
 */
function gatewaySources(url: string | undefined): string[] {
  if (!url) return ["'self'"];
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    !parsed ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.username ||
    parsed.search ||
    parsed.hash
  ) {
    throw new Error(
      `VITE_API_URL is "${url}", which is no address of a gateway. Write it like https://api.example.com; the page makes wss:// of it by itself.`,
    );
  }
  return [parsed.origin, parsed.origin.replace(/^http/, "ws")];
}

function policy(html: string, gateway: readonly string[]): string {
  const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code = ""]) =>
    hash(code),
  );
  return Object.entries({
    "default-src": ["'none'"],
    "script-src": ["'self'", ...inline],
    "style-src": ["'self'", CHART_STYLE],
    "img-src": ["'self'", "data:"],
    "connect-src": gateway,
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
  })
    .map(([directive, sources]) => `${directive} ${sources.join(" ")}`)
    .join("; ");
}

const hash = (code: string): string =>
  `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
