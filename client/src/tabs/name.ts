import { VERSION } from "./messages.ts";

/**
 * The name of the channel and the lock of all tabs that can share a stream. Any script of the origin can
 * list the names of locks, hence the hash.
 * @param about what tabs must have in common
 */
export async function nameOf(about: readonly unknown[]): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(about));
  const digest = await crypto.subtle.digest("SHA-256", text);
  return `cryptovault.tabs.${VERSION}.${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

/** Whether tabs can share here: browsers only, and only on secure pages. */
export const canShare = (): boolean =>
  typeof document !== "undefined" &&
  globalThis.isSecureContext &&
  typeof BroadcastChannel === "function" &&
  "locks" in navigator;
