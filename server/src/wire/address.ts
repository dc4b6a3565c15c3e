/**
 * Who a request comes from, for counting: an IPv4 address, or the /64 network of an IPv6 one, which is
 * what a single customer has.
 * @param peer the address at the other end of the socket
 * @param forwarded the X-Forwarded-For header
 * @param hops how many proxies in front are trusted to have added their line to it
 */
export function clientAddress(
  peer: string | undefined,
  forwarded: string | string[] | undefined,
  hops: number,
): string {
  if (hops > 0 && forwarded !== undefined) {
    for (const entry of lastEntries(String(forwarded), hops)) {
      const network = networkOf(withoutPort(entry.trim()));
      if (network) return network;
    }
  }
  return networkOf(peer ?? "") ?? "unknown";
}

/** The last `count` entries of a list, left to right: all else is what the client says of itself. */
function lastEntries(list: string, count: number): string[] {
  let start = list.length;
  for (let left = count; left > 0 && start >= 0; left--) start = list.lastIndexOf(",", start - 1);
  return list.slice(start + 1).split(",");
}

/** Some proxies write `203.0.113.7:4711` or `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const [, inBrackets] = /^\[([^\]]*)\](?::\d+)?$/.exec(entry) ?? [];
  return inBrackets ?? entry.replace(/^([\d.]+):\d+$/, "$1");
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function networkOf(address: string): string | undefined {
  if (IPV4.test(address)) return address;
  const groups = ipv6Groups(address.replace(/%.*$/, ""));
  if (!groups) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}

/**
 * The eight groups of an IPv6 address; undefined for anything else.
 * @see https://www.rfc-editor.org/rfc/rfc4291#section-2.2
 */
function ipv6Groups(address: string): number[] | undefined {
  const [head = "", tail, ...more] = address.replace(/(?<=:)[\d.]+$/, ipv4InHex).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const missing = 8 - left.length - right.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const words = [...left, ...Array<string>(missing).fill("0"), ...right];
  if (!words.every((word) => /^[\da-f]{1,4}$/i.test(word))) return undefined;
  return words.map((word) => Number.parseInt(word, 16));
}

/** The last two groups of an IPv6 address may be written like an IPv4 one. */
function ipv4InHex(text: string): string {
  if (!IPV4.test(text)) return text;
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
