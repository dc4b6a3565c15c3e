import { globSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, type FaultName, startEmulator } from "../../src/emulator/emulator.ts";
import { createIdentity } from "../../src/feed/identity.ts";
import { dial } from "../../src/feed/link/dial.ts";
import { rest } from "../../src/feed/link/rest.ts";
import { sources } from "../../src/sources/index.ts";
import { isPrice } from "../../src/sources/reading.ts";
import type { Listed, Source } from "../../src/sources/source.ts";
import type { SourceEvent } from "../../src/types.ts";
import { captureAt, capturedLines } from "../support/captures.ts";
import { sleep, until } from "../support/client.ts";
import type { SourceCase } from "./case.ts";
import { hostileFrames } from "./hostile.ts";

/** Each export of a file in `cases` is a row. */
const rows: SourceCase[] = [];
for (const file of globSync("*.ts", { cwd: join(import.meta.dirname, "cases") })) {
  const module = await import(`./cases/${basename(file, ".ts")}.ts`);
  rows.push(...Object.values<SourceCase>(module));
}

it("has a row for every source, and a source for every row", () => {
  const names = (of: readonly { name: string }[]) => of.map(({ name }) => name).sort();
  expect(names(rows.map(({ source }) => source))).toEqual(names(sources));
});

describe.each(rows)("$source.name reads", ({ source, documented, captures }) => {
  it.each(documented.map(({ kind, frame }) => [kind, frame.slice(0, 70), frame] as const))(
    "as %s the documented %s",
    (kind, _start, frame) => {
      expect(source.read(frame).kind).toBe(kind);
    },
  );

  it("whatever comes without throwing, and nothing as a price that is none", () => {
    const frames = documented.map(({ frame }) => frame);
    fc.assert(
      fc.property(hostileFrames(frames), (frame) => {
        for (const { symbol, price } of ticksOf(source.read(frame))) {
          expect(isPrice(price)).toBe(true);
          expect(symbol).toBeTypeOf("string");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([[{ data: { message: "We are deprecating" } }], [null], ["<html>"]])(
    "%j as no instrument list, and says so",
    (body) => {
      expect(() => source.listing.read(body)).toThrow(/\w/);
    },
  );

  describe.each(captures)("$file as captured:", ({ file, prices }) => {
    const captured = captureAt(file);
    it.skipIf(!captured.exists)("a tick for each price, a name for each frame", () => {
      const received = capturedLines(captured.file).filter(({ dir }) => dir === "in");
      expect(received).not.toEqual([]);
      for (const { raw } of received) {
        const event = source.read(raw);
        expect(NAMELESS, raw).not.toContain(event.kind);
        const ticks = ticksOf(event).map(({ symbol, price, time }) => ({ symbol, price, time }));
        expect(ticks, raw).toEqual(prices(raw) ?? []);
      }
    });
  });
});

describe.concurrent.each(rows)("$source.name over its dialect", (row) => {
  const { source, exchange } = row;

  it("brings the market's prices as the frames have them, and a name for each frame", async () => {
    const { heard, end } = await listen(row, healthy, told(row));
    await until(() => heard.flatMap(({ event }) => ticksOf(event)).length > 500, 10_000);
    end();
    expectNames(heard);
    expectTruth(row, healthy, heard);
    const ticked = new Set(heard.flatMap(({ event }) => ticksOf(event)).map((tick) => tick.symbol));
    expect(told(row).filter((symbol) => !ticked.has(symbol))).toEqual([]);
  });

  it("is told which symbol there is none of, or gets the others", async () => {
    const [first = "", ...rest] = told(row);
    const { base = "" } = listed(row).instruments.find(({ symbol }) => symbol === first) ?? {};
    const stranger = first.replace(base, "NOSUCH");
    const { heard, end } = await listen(row, healthy, [stranger, first, ...rest], true);
    const refused = () => heard.flatMap(({ event }) => refusedBy(event));
    await until(() => refused().length > 0 || heard.some(({ event }) => ticksOf(event).length > 0));
    end();
    expectNames(heard);
    expect([[], [stranger]]).toContainEqual(refused());
  });

  it("has a name for each frame whatever is wrong there, and no price that is none", async () => {
    for (const fault of broken.state().exchanges[exchange].faults) {
      const before = await listen(row, broken, told(row));
      await until(() => before.heard.length > 0);
      broken.break(exchange, fault);
      const during = listen(row, broken, told(row)).catch(() => undefined);
      const announced = announcedBy(source, fault);
      await until(() => !announced || before.heard.some(({ event }) => event.kind === announced));
      await sleep(150);
      broken.mend(exchange);
      before.end();
      const after = await during;
      after?.end();
      const heard = [...before.heard, ...(after?.heard ?? [])];
      if (fault !== "garbage") expectNames(heard);
      if (fault !== "absurd") expectTruth(row, broken, heard);
    }
  });
});

let healthy: Emulator;
let broken: Emulator;
const lists = new Map<SourceCase, Listed>();
beforeAll(async () => {
  const quick = { assets: 500, tickMs: 50, timing: { heartbeatMs: 100 } };
  [healthy, broken] = await Promise.all([startEmulator(quick), startEmulator(quick)]);
  for (const row of rows) {
    const url = row.source.listing.url(healthy.endpoints[row.exchange], KEY);
    lists.set(row, row.source.listing.read((await rest({ url })).body));
  }
});
afterAll(() => Promise.all([healthy?.close(), broken?.close()]));

const KEY = "demo";
const NAMELESS: readonly SourceEvent["kind"][] = ["unknown", "bad"];

/** How far an exchange may be from the market: its own basis and rounding, and a few seconds. */
const TOLERANCE = 0.01;

type Heard = { frame: string; event: SourceEvent };

const ticksOf = (event: SourceEvent) => (event.kind === "ticks" ? event.ticks : []);
const refusedBy = (event: SourceEvent) => (event.kind === "error" ? (event.symbols ?? []) : []);
const listed = (row: SourceCase): Listed => lists.get(row) ?? { instruments: [] };
const identityOf = ({ market }: Emulator) => createIdentity(market.assets);

/** The largest assets, which trade at each step. */
function told(row: SourceCase): string[] {
  const identity = identityOf(healthy);
  identity.learn(row.source, listed(row));
  return identity.subscription(row.source, () => true).slice(0, 15);
}

/** What an open socket is told of a fault, where it is told. */
function announcedBy({ facts }: Source, fault: FaultName): SourceEvent["kind"] | undefined {
  if (fault === "server-shutdown") return "reconnect";
  return fault === "unauthorized" && facts.keyVariable ? "error" : undefined;
}

/** Connects as the feed does, and keeps all that comes. */
async function listen(
  { source, exchange }: SourceCase,
  { endpoints }: Emulator,
  symbols: readonly string[],
  selected = false,
) {
  const endpoint = endpoints[exchange];
  const office = source.ticket;
  const answer = office && (await rest({ url: office.url(endpoint), method: office.method }));
  const ticket = office?.read(answer?.body);
  const connection = source.connect({ endpoint, key: KEY, symbols, selected, ticket });
  const { url, send, sendOn = "open", keepAlive } = connection;
  const heard: Heard[] = [];
  const greet = () => {
    for (const frame of [...send, ...(keepAlive ? [keepAlive.frame] : [])]) socket.send(frame);
  };
  const socket = dial(url, {
    opened() {
      if (sendOn === "open") greet();
    },
    text(frame) {
      const event = source.read(frame);
      heard.push({ frame, event });
      if (event.kind === "ready") greet();
    },
    refused() {},
    closed() {},
  });
  return { heard, end: socket.destroy };
}

const expectNames = (heard: readonly Heard[]) =>
  expect(heard.filter(({ event }) => NAMELESS.includes(event.kind))).toEqual([]);

/** Each price stands so in its frame, and is what the market holds for its instrument. */
function expectTruth(row: SourceCase, { market }: Emulator, heard: readonly Heard[]) {
  const { find } = createIdentity(market.assets);
  const instruments = new Map(listed(row).instruments.map((item) => [item.symbol, item]));
  for (const { frame, event } of heard) {
    for (const { symbol, price } of ticksOf(event)) {
      expect(frame).toContain(price);
      const instrument = instruments.get(symbol);
      // A symbol that is not listed is for the feed to refuse.
      if (!instrument) continue;
      const asset = market.price(find(instrument.base)?.id ?? "") ?? 0;
      const truth = asset / (market.unit(instrument.quote)?.price ?? 1);
      expect(Math.abs(Number(price) / truth - 1), symbol).toBeLessThan(TOLERANCE);
    }
  }
}
