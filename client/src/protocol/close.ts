/** Why the gateway closed, by close code. 3500–3999: do not come back, the next try ends the same. */
export const closeCodes = {
  /** The client did not read for 30 s. Come back. */
  slow: 3008,
  /** Too many messages in a second. Come back, slower. */
  flood: 3009,
  /** The token is over. Come back with a new one. */
  tokenExpired: 3010,
  /** There is no stream at this path. */
  noSuchPath: 3500,
  /** The asset named in the path is unknown. */
  unknownAsset: 3501,
  /** Pages of this origin may not connect. */
  originNotAllowed: 3502,
  /** The subscription names more assets than the gateway allows. */
  tooManyAssets: 3503,
  /** The stream is not for everybody, and the token is missing or not good. */
  tokenRefused: 3504,
} as const;

/** Tells whether a close code means that connecting again is pointless. */
export const isTerminalClose = (code: number): boolean => code >= 3500 && code <= 3999;
