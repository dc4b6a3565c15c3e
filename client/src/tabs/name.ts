import { VERSION } from "./messages.ts";

/**
 * The name of the channel and the lock of all tabs that can share a stream. Any script of the origin can
 * list the names of locks, hence the hash.
 * @param about what tabs must have in common; functions count as nothing
 */
export async function nameOf(about: readonly unknown[]): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(about));
  const digest = await crypto.subtle.digest("SHA-256", text);
  return `cryptovault.tabs.${VERSION}.${new Uint8Array(digest).join(".")}`;
}

/**
 * Whether tabs can share here: only in browsers that have Web Locks, which all have channels, and which
 * give them only to secure pages.
 */
export const canShare = (): boolean => "document" in globalThis && "locks" in navigator;
