/** How the values of settings are written, and checked. */
import { z } from "zod";
import { isTooWide, originEntry } from "../wire/origins.ts";

export const text = z.string().min(1, "is empty");

/** A duration as a person writes it (`500ms`, `30s`, `5m`, `12h`), in ms. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, "is no duration: write it like 500ms, 30s or 5m")
  .transform((text) => Number.parseFloat(text) * (UNITS[text.replace(/[\d.]/g, "")] ?? 1))
  .refine((ms) => ms >= 100 && ms <= 86_400_000, "must be between 100ms and 24h");

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "is no number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be between ${least} and ${most}`);

/** A size as a person writes it (`500MB`), in bytes. */
export const size = z
  .string()
  .regex(/^\d+(\.\d+)?(kB|MB|GB)$/i, "is no size: write it like 500MB")
  .transform((text) => Number.parseFloat(text) * (SIZES[text.slice(-2).toLowerCase()] ?? 1))
  .refine((bytes) => bytes >= 1000, "must be 1kB or more");

const SIZES: Record<string, number> = { kb: 1e3, mb: 1e6, gb: 1e9 };

export const speed = z.union(
  [z.literal("max").transform(() => Number.POSITIVE_INFINITY), number(0.01, 1000)],
  { error: "must be max, or a number from 0.01 to 1000" },
);

/** Names of sources, which are checked once it is known which there are. */
export const names = z
  .string()
  .transform(listOf)
  .refine((list) => list.length > 0, "names none")
  .refine((list) => new Set(list).size === list.length, "names a source twice");

/** CoinCap's ids have the form of the longest of these; ticker symbols are shorter. */
export const assetList = z
  .string()
  .transform((text) => text.split(",").map((name) => name.trim()))
  .superRefine((names, { addIssue }) => {
    const impossible = names.filter((name) => !/^[a-z0-9-]{1,64}$/i.test(name));
    if (impossible.length > 0) {
      const quoted = impossible.map((name) => `"${name}"`).join(", ");
      addIssue(`names no asset with ${quoted}: write ids or symbols, like bitcoin,ETH`);
    }
  });

export const whole = (least: number, most: number) =>
  number(least, most).refine(Number.isInteger, "must be a whole number");

export const originList = z
  .string()
  .transform(listOf)
  .superRefine((entries, { addIssue }) => {
    const bad = entries.filter((entry) => originEntry(entry) === undefined);
    const hint = "write https://a.example or https://*.a.example";
    if (bad.length > 0) addIssue(`names no origin with ${bad.join(", ")}: ${hint}`);
    const wide = entries.filter((entry) => isTooWide(originEntry(entry) ?? ""));
    if (wide.length > 0) {
      addIssue(`lets in pages of everybody with ${wide.join(", ")}: name a domain, ${hint}`);
    }
    if (entries.length === 0) addIssue(`names no origin: ${hint}`);
  })
  .transform((entries) => entries.flatMap((entry) => originEntry(entry) ?? []));

/** The entries of a list that is separated by commas. */
export function listOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** Something that only its owner knows: what a header can carry. */
export const secret = z.string().regex(/^[!-~]{8,}$/, "must have 8 characters or more, no spaces");

/** HS256 wants a key as long as its hash. https://www.rfc-editor.org/rfc/rfc7518#section-3.2 */
export const jwtSecret = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 32, "must have 32 bytes or more");

/** A key by which a client names itself, and what logs call it. */
export type ApiKey = { name: string; key: string };

/** `name=key,…`. A key has the characters of a subprotocol's name, in which a browser sends it. */
export const apiKeys = z
  .string()
  .transform(listOf)
  .superRefine((entries, { addIssue }) => {
    const bad = entries.filter((entry) => !API_KEY.test(entry)).length;
    const hint = "write web=KEY,mobile=KEY, a key of 16 or more letters, digits and -._~";
    if (bad > 0 || entries.length === 0) addIssue(`has no name and key in ${bad} entries: ${hint}`);
    const keys = entries.map((entry) => entry.slice(entry.indexOf("=") + 1));
    if (new Set(keys).size < keys.length) addIssue("has a key twice");
  })
  .transform((entries) =>
    entries.map((entry): ApiKey => {
      const at = entry.indexOf("=");
      return { name: entry.slice(0, at), key: entry.slice(at + 1) };
    }),
  );

const API_KEY = /^[\w.-]{1,64}=[\w.~-]{16,}$/;

/** An address on the web; without TLS only on this machine. */
export const webAddress = z
  .string()
  .refine(
    (text) =>
      /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/.test(text) &&
      URL.canParse(text),
    "must be an https:// address",
  );
