/** What failed, by the codes of Node's `dns`, `net` and `tls` (OpenSSL's for certificates). */
const CAUSES: readonly { codes: readonly string[]; words: string }[] = [
  {
    codes: ["ENOTFOUND"],
    words: "DNS: there is no such host: check the endpoint's spelling and the internet connection",
  },
  {
    codes: ["EAI_AGAIN"],
    words: "DNS: no name server answers: check the internet connection and the DNS settings",
  },
  {
    codes: ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"],
    words: "TLS: the certificate is out of date: check this machine's clock, then the host",
  },
  {
    codes: ["ERR_TLS_CERT_ALTNAME_INVALID"],
    words:
      "TLS: the certificate is another host's: check the endpoint's spelling, and whether a proxy or login page answers in its place",
  },
  {
    codes: [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ],
    words:
      "TLS: nobody known signed the certificate: if a proxy of yours inspects traffic, name its authority in NODE_EXTRA_CA_CERTS",
  },
  {
    codes: ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"],
    words: "TLS: the other end does not speak it: check the port, and wss:// against ws://",
  },
  { codes: ["ECONNREFUSED"], words: "connection refused" },
];

/** A failed connection in words, with what to do about it. Never holds the address, for its key. */
export function describeFailure(error: Error & { code?: string }): string {
  const { code = "", message } = error;
  const cause = CAUSES.find(({ codes }) => codes.includes(code));
  if (cause) return `${cause.words} (${code})`;
  return message || code || "connection failed";
}
