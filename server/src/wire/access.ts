import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { closeCodes } from "@cryptovault/price-stream/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { errors, importSPKI, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Logger } from "pino";
import { type ClientErrorCode, clientErrors, OperatorError } from "../errors.ts";
import { remoteKeys } from "./keys.ts";
import { createSeldom } from "./seldom.ts";
import type { Tally } from "./tally.ts";

/** How tokens (JWT) are signed, and what must be in them besides the time of their end. */
export type JwtRules = {
  signed:
    | { by: "secret"; secret: string }
    /** PEM (SPKI) of a P-256 key. */
    | { by: "key"; publicKey: string }
    | { by: "jwks"; url: string };
  issuer?: string | undefined;
  audience?: string | undefined;
};

/** Who may have prices. Without keys and rules: everybody. */
export type AccessRules = {
  apiKeys?: readonly { name: string; key: string }[] | undefined;
  jwt?: JwtRules | undefined;
};

/** Why somebody may not: none of these is for the gateway to mend, but `keys_unavailable`. */
export type Denial = keyof typeof denials;

/** How who may not is told: the status over HTTP, the close code over WebSocket. */
export const denials = {
  token_missing: { status: 401, closeCode: closeCodes.tokenRefused },
  token_refused: { status: 401, closeCode: closeCodes.tokenRefused },
  token_expired: { status: 401, closeCode: closeCodes.tokenExpired },
  /** "Try again later": https://www.iana.org/assignments/websocket */
  keys_unavailable: { status: 503, closeCode: 1013 },
} as const satisfies Partial<Record<ClientErrorCode, { status: number; closeCode: number }>>;

export type Permit = {
  /** Of an API key, for logs. */
  name?: string;
  /** ms since 1970: a stream ends then. */
  expiresAt?: number;
};

/** Never rejects. */
export type Access = (headers: IncomingHttpHeaders) => Promise<Permit | { denied: Denial }>;

/** Lets everybody in. */
export const everybody: Access = async () => ({});

/** Clocks of those who sign may differ so much from ours, s. */
const CLOCK_TOLERANCE_S = 5;
const COMPLAIN_EVERY_MS = 60_000;
/** Browsers can set no header on a WebSocket, but name subprotocols. */
const BEARER = "bearer.";

/**
 * Who may have prices: those with one of the keys, or a token that is signed as the rules say.
 * @param now ms since 1970
 * @throws OperatorError for a public key that is none
 */
export async function createAccess(
  { apiKeys, jwt }: AccessRules,
  { now, log }: { now(): number; log: Logger },
): Promise<Access> {
  if (!apiKeys && !jwt) return everybody;
  // By their hashes, so that the time of a look-up tells nothing of a key.
  const names = new Map(apiKeys?.map(({ name, key }) => [hash(key), name]));
  const seldom = createSeldom(COMPLAIN_EVERY_MS, now);
  const failed = (error: unknown) =>
    seldom(() => log.error({ error: `${error}` }, "The keys of --jwks-url can't be had"));
  const verify = jwt && (await createVerifier(jwt, now, failed));

  return async (headers) => {
    const token = tokenOf(headers);
    if (token === undefined) return { denied: "token_missing" };
    const name = names.get(hash(token));
    if (name !== undefined) return { name };
    if (!verify) return { denied: "token_refused" };
    try {
      return { expiresAt: await verify(token) };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { denied: "token_expired" };
      if (error instanceof errors.JOSEError && !isUnavailable(error)) {
        return { denied: "token_refused" };
      }
      failed(error);
      return { denied: "keys_unavailable" };
    }
  };
}

/** Tells over HTTP who may not have prices. */
export function answerDenial(reply: FastifyReply, code: Denial): FastifyReply {
  const { status } = denials[code];
  const more = status === 401 ? { "www-authenticate": "Bearer" } : { "retry-after": "30" };
  return reply
    .code(status)
    .headers(more)
    .send({ error: { code, ...clientErrors[code] } });
}

/** Lets requests on to a route that may have prices, and answers the others. */
export const onlyWith =
  ({ access, refused }: { access: Access; refused: Tally }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const permit = await access(request.headers);
    if (!("denied" in permit)) return;
    refused.add(permit.denied);
    return answerDenial(reply, permit.denied);
  };

/** What a client shows: `Authorization: Bearer …`, or the subprotocol `bearer.…`. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const [, fromHeader] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  if (fromHeader !== undefined) return fromHeader;
  const offers = (headers["sec-websocket-protocol"] ?? "").split(",").map((offer) => offer.trim());
  return offers.find((offer) => offer.startsWith(BEARER))?.slice(BEARER.length);
}

/** @returns what reads the end of a token, ms since 1970, and throws for one that is not good */
async function createVerifier(
  { signed, issuer, audience }: JwtRules,
  now: () => number,
  failed: (error: unknown) => void,
): Promise<(token: string) => Promise<number>> {
  const { key, algorithms } = await keyOf(signed, now, failed);
  const options = {
    algorithms,
    requiredClaims: ["exp"],
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  return async (token) => {
    const { payload } = await verifyWithAny(token, key, {
      ...options,
      currentDate: new Date(now()),
    });
    return (Number(payload.exp) + CLOCK_TOLERANCE_S) * 1000;
  };
}

/** Tries each key that fits, where a token does not name its own. */
async function verifyWithAny(token: string, key: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, key, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const candidate of error) {
      try {
        return await jwtVerify(token, candidate, options);
      } catch (refusal) {
        if (!(refusal instanceof errors.JWSSignatureVerificationFailed)) throw refusal;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

async function keyOf(
  signed: JwtRules["signed"],
  now: () => number,
  failed: (error: unknown) => void,
): Promise<{ key: JWTVerifyGetKey; algorithms: string[] }> {
  switch (signed.by) {
    case "secret": {
      const key = new TextEncoder().encode(signed.secret);
      return { key: async () => key, algorithms: ["HS256"] };
    }
    case "key": {
      const key = await importSPKI(signed.publicKey, "ES256").catch((cause: unknown) => {
        const hint = "openssl ec -in private.pem -pubout writes one";
        throw new OperatorError(`--jwt-key is no public key for ES256 (PEM): ${hint}.`, 2, {
          cause,
        });
      });
      return { key: async () => key, algorithms: ["ES256"] };
    }
    case "jwks":
      return {
        key: remoteKeys(signed.url, now, failed),
        algorithms: ["ES256", "RS256", "EdDSA"],
      };
  }
}

/** Whether the fault is not the token's: the set of keys does not come, or is none. */
const isUnavailable = (error: errors.JOSEError): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === errors.JOSEError.code;

const hash = (text: string): string => createHash("sha256").update(text).digest("base64");
