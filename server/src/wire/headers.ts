const YEAR_S = 31_536_000;

/**
 * Headers that keep browsers from doing with the page, and with answers of the API, what nobody asked them
 * to. What the page may load stands in the page itself, so that it holds on any host.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
 * @param isSecure the gateway speaks TLS itself; behind a proxy that is for the proxy to say
 */
export const securityHeaders = (isSecure: boolean): Readonly<Record<string, string>> => ({
  "content-security-policy": "frame-ancestors 'self'",
  "x-frame-options": "SAMEORIGIN",
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  // Prices are for pages of other hosts too; CORS tells which.
  "cross-origin-resource-policy": "cross-origin",
  ...(isSecure ? { "strict-transport-security": `max-age=${YEAR_S}` } : {}),
});
