/** RFC 3339 with microseconds, which no clock here knows: `salt` makes them up. `ms` since 1970. */
export const microseconds = (ms: number, salt: number): string =>
  new Date(ms).toISOString().replace("Z", `${String(salt % 1000).padStart(3, "0")}Z`);
