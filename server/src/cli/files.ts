import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { OperatorError, reasonOf } from "../errors.ts";
import type { Gateway } from "../gateway.ts";
import type { AccessRules, JwtRules } from "../wire/access.ts";
import { expectUsable, type Tls } from "../wire/tls.ts";
import { isState } from "./state-text.ts";

/**
 * A file that the configuration names.
 * @throws OperatorError where it can't be read
 */
function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new OperatorError(`${flag} ${path} can't be read: ${reasonOf(cause)}`, 2, { cause });
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

/**
 * The state is moved away and replaced: nobody else's file must be there.
 * @throws OperatorError where the state can't be kept: better now than when the gateway ends
 */
function expectPlace(path: string) {
  const fail = (what: string, cause?: unknown) => {
    throw new OperatorError(`--state-file ${path} ${what}`, 2, { cause });
  };
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    fail(`can't be written: ${reasonOf(cause)}`, cause);
  }
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isFile()) fail("is no file.");
  let head = "";
  try {
    head = headOf(path);
  } catch (cause) {
    fail(`can't be read: ${reasonOf(cause)}`, cause);
  }
  if (head !== "" && !isState(head)) {
    fail("holds something else than a state, which would be lost. Choose another name.");
  }
}

/** The first characters of a file, which may be large. */
function headOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(64);
    return head.toString("latin1", 0, readSync(file, head));
  } finally {
    closeSync(file);
  }
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

/** Lets the gateway have the certificate that is in its files by now, if there are any and it can be used. */
export function reloadTls(gateway: Gateway, config: Config, log: Logger) {
  try {
    const tls = tlsOf(config);
    if (!tls) {
      log.info("There is nothing to read again: SIGHUP renews what --tls-cert names");
      return;
    }
    gateway.renew(tls);
    log.info("New connections get the certificate that was read again");
  } catch (error) {
    log.error(`The certificate from before goes on, since ${reasonOf(error)}`);
  }
}

function signedBy({ jwtSecret, jwtKey, jwksUrl }: Config): JwtRules["signed"] | undefined {
  if (jwtSecret !== undefined) return { by: "secret", secret: jwtSecret };
  if (jwtKey !== undefined) return { by: "key", publicKey: readText(jwtKey, "--jwt-key") };
  if (jwksUrl !== undefined) return { by: "jwks", url: jwksUrl };
  return undefined;
}
