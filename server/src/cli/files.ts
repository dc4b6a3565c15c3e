import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { OperatorError } from "../errors.ts";
import type { Gateway } from "../gateway.ts";
import type { AccessRules, JwtRules } from "../wire/access.ts";
import { expectUsable, type Tls } from "../wire/tls.ts";

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

/**
 * What stands in the files that the configuration names. To be read before anything is begun.
 * @throws OperatorError where one can't be read or used
 */
export function readFiles(config: Config): { access: AccessRules; tls: Tls | undefined } {
  const { stateFile } = config;
  if (stateFile !== undefined) expectPlace(stateFile);
  return { access: accessRules(config), tls: tlsOf(config) };
}

/** @throws OperatorError where the state can't be kept: better now than when the gateway ends */
function expectPlace(path: string) {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new OperatorError(`--state-file ${path} can't be written: ${why}`, 2, { cause });
  }
  const isOther = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  if (isOther) throw new OperatorError(`--state-file ${path} is no file.`, 2);
}

function accessRules(config: Config): AccessRules {
  const signed = signedBy(config);
  return {
    apiKeys: config.apiKeys,
    ...(signed ? { jwt: { signed, issuer: config.jwtIssuer, audience: config.jwtAudience } } : {}),
  };
}

function tlsOf({ tlsCert, tlsKey }: Config): Tls | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const tls = { cert: readText(tlsCert, "--tls-cert"), key: readText(tlsKey, "--tls-key") };
  expectUsable(tls);
  return tls;
}

/** Lets the gateway have the certificate that is in its files by now, if it can be used. */
export function reloadTls(gateway: Gateway, config: Config, log: Logger) {
  try {
    const tls = tlsOf(config);
    if (tls) gateway.renew(tls);
    log.info("New connections get the certificate that was read again");
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    log.error(`The certificate from before goes on, since ${why}`);
  }
}

function signedBy({ jwtSecret, jwtKey, jwksUrl }: Config): JwtRules["signed"] | undefined {
  if (jwtSecret !== undefined) return { by: "secret", secret: jwtSecret };
  if (jwtKey !== undefined) return { by: "key", publicKey: readText(jwtKey, "--jwt-key") };
  if (jwksUrl !== undefined) return { by: "jwks", url: jwksUrl };
  return undefined;
}
