import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";

/** A set is asked for anew when it is so old, ms. */
const RENEW_MS = 600_000;
/** For a key that it lacks it is asked for no more often than this, ms. */
const SEEK_MS = 30_000;
/** After a failure nobody asks for so long, however many tokens come, ms. */
const REST_MS = 5000;

/**
 * The keys of a JSON Web Key Set on the web. Where it can't be had, those of before go on.
 * @param failed told of each time that it can't
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export function remoteKeys(
  url: string,
  now: () => number,
  failed: (error: unknown) => void,
): JWTVerifyGetKey {
  const set = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
  });
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  let failure: unknown;

  /** Asks for the set, unless that was done within `restMs`. Never rejects. */
  const ask = async (restMs: number): Promise<void> => {
    if (now() - askedAt >= (failure === undefined ? restMs : REST_MS)) {
      askedAt = now();
      asking = set.reload().then(
        () => {
          failure = undefined;
        },
        (error: unknown) => {
          failure = error;
          failed(error);
        },
      );
    }
    await asking;
  };

  return async (header, token) => {
    if (set.jwks()) void ask(RENEW_MS);
    else await ask(0);
    if (!set.jwks()) throw failure;
    return set(header, token).catch(async (error: unknown) => {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await ask(SEEK_MS);
      if (failure !== undefined) throw failure;
      return set(header, token);
    });
  };
}
