/** What goes out in place of one frame. */
export type Outgoing = { data: Buffer; binary: boolean };

const text = (data: Buffer): Outgoing => ({ data, binary: false });

/** What takes a good frame's place, in turn. The first one is the good frame itself. */
const TURNS: readonly ((frame: Buffer) => Outgoing)[] = [
  text,
  () => text(Buffer.from("<html><body>502 Bad Gateway</body></html>")),
  truncated,
  text,
  wrongTypes,
  (frame) => ({ data: frame, binary: true }),
  text,
  () => ({ data: Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe]), binary: true }),
  () => text(Buffer.from('[null,42,"price"]')),
];

/** The `n`th frame of a connection, as a broken exchange would send it. */
export const garbled = (frame: Buffer, n: number): Outgoing =>
  (TURNS[n % TURNS.length] ?? text)(frame);

/** Ends within the JSON; frames are ASCII, so that it does not end within a character. */
function truncated(frame: Buffer): Outgoing {
  return text(frame.subarray(0, Math.ceil(frame.length / 2)));
}

/** Well-formed, but every string value is an array. */
function wrongTypes(frame: Buffer): Outgoing {
  return text(Buffer.from(frame.toString().replace(/:"[^"]*"/g, ':["?"]')));
}
