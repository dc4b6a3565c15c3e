import { maskedAddress } from "../secrets.ts";
import { defineGroup } from "../setting.ts";
import { apiKeys, jwtSecret, originList, text, webAddress } from "../values.ts";

/** Who may have prices. */
export const access = defineGroup({
  title: "Access",
  settings: {
    origins: {
      value: originList.optional(),
      flag: "--origins <origins>",
      env: "PRICE_STREAM_ORIGINS",
      meaning:
        "whose pages may connect, all if not given: https://a.example,https://*.a.example; the gateway's own page too must be named",
    },
    apiKeys: {
      value: apiKeys.optional(),
      env: "PRICE_STREAM_API_KEYS",
      keepsOut: true,
      secret: true,
      meaning:
        "who may have prices, all if not given: web=KEY,mobile=KEY; logs tell the names only",
    },
    jwtSecret: {
      value: jwtSecret.optional(),
      env: "PRICE_STREAM_JWT_SECRET",
      keepsOut: true,
      secret: true,
      meaning: "lets in who brings a token (JWT) signed with it by HS256",
    },
    jwtKey: {
      value: text.optional(),
      flag: "--jwt-key <file>",
      env: "PRICE_STREAM_JWT_KEY",
      keepsOut: true,
      meaning: "lets in who brings a token signed by ES256: the public key (PEM)",
    },
    jwksUrl: {
      value: webAddress.optional(),
      flag: "--jwks-url <url>",
      env: "PRICE_STREAM_JWKS_URL",
      keepsOut: true,
      masked: maskedAddress,
      meaning:
        "lets in who brings a token signed with a key of this JSON Web Key Set (ES256, RS256, EdDSA)",
    },
    jwtIssuer: {
      value: text.optional(),
      flag: "--jwt-issuer <name>",
      env: "PRICE_STREAM_JWT_ISSUER",
      keepsOut: true,
      meaning: "the iss that a token must have",
    },
    jwtAudience: {
      value: text.optional(),
      flag: "--jwt-audience <name>",
      env: "PRICE_STREAM_JWT_AUDIENCE",
      keepsOut: true,
      meaning: "the aud that a token must have",
    },
  },
  conflicts: ({ howMany }) => {
    const signers = howMany("jwtSecret", "jwtKey", "jwksUrl");
    return [
      signers > 1 &&
        "PRICE_STREAM_JWT_SECRET, --jwt-key and --jwks-url exclude each other: tokens are signed in one way.",
      signers === 0 &&
        howMany("jwtIssuer", "jwtAudience") > 0 &&
        "--jwt-issuer and --jwt-audience go with PRICE_STREAM_JWT_SECRET, --jwt-key or --jwks-url.",
    ];
  },
});
