import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { OperatorError } from "../errors.ts";
import type { Gateway } from "../gateway.ts";
import type { AccessRules, JwtRules } from "../wire/access.ts";
import type { Tls } from "../wire/tls.ts";

/**
 * A file that the configuration names.
 * @throws OperatorError where it can't be read
 */
function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new OperatorError(`${flag} ${path} can't be read: ${why}`, 2, { cause });
  }
}

/** Who may have prices, with the files that the configuration names. */
export function accessRules(config: Config): AccessRules {
  const signed = signedBy(config);
  return {
    apiKeys: config.apiKeys,
    ...(signed ? { jwt: { signed, issuer: config.jwtIssuer, audience: config.jwtAudience } } : {}),
  };
}

/** The certificate and its key, read anew. */
export const tlsOf = ({ tlsCert, tlsKey }: Config): Tls | undefined =>
  tlsCert === undefined || tlsKey === undefined
    ? undefined
    : { cert: readText(tlsCert, "--tls-cert"), key: readText(tlsKey, "--tls-key") };

/** Lets the gateway have the certificate that is in its files by now. */
export function reloadTls(gateway: Gateway, config: Config, log: Logger) {
  const tls = tlsOf(config);
  if (!tls) return;
  gateway.renew(tls);
  log.info("New connections get the certificate that was read again");
}

function signedBy({ jwtSecret, jwtKey, jwksUrl }: Config): JwtRules["signed"] | undefined {
  if (jwtSecret !== undefined) return { by: "secret", secret: jwtSecret };
  if (jwtKey !== undefined) return { by: "key", publicKey: readText(jwtKey, "--jwt-key") };
  if (jwksUrl !== undefined) return { by: "jwks", url: jwksUrl };
  return undefined;
}
