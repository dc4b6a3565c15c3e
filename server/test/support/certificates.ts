import { generate } from "selfsigned";
import type { Credentials } from "../../src/emulator/names.ts";

/** A certificate for `host`, signed by itself: who trusts it, names it as authority. */
export async function certify(host: string, validUntil?: Date): Promise<Credentials> {
  const { private: key, cert } = await generate([{ name: "commonName", value: host }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date("2020-01-01"),
    notAfterDate: validUntil ?? new Date("2100-01-01"),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: host }] }],
  });
  return { key, cert };
}
