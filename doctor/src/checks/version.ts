import { type Check, fail, pass, skip } from "./check.ts";
import { readHealth } from "./health-body.ts";

/** Whether the gateway is as new as the SDK that this doctor belongs to. */
export const version: Check = {
  name: "version",
  needs: ["http"],
  diagnose({ health, version: own }) {
    const theirs = readHealth(health)?.version;
    if (theirs === undefined) return skip("/health does not tell a version");
    return isOlder(theirs, own)
      ? fail(
          `the gateway is ${theirs}, this client ${own}`,
          "Update the gateway before the pages: it is older than the client.",
        )
      : pass(`the gateway is ${theirs}, this client ${own}`);
  },
};

/** By major and minor: a patch changes nothing that the other side sees. */
function isOlder(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
