/** The process with all the clients. */
import type { Scene } from "../scene.ts";
import { answer, argument } from "../talk.ts";
import { openClient } from "./client.ts";
import { dialects } from "./dialects.ts";
import { createReader, type Read } from "./reader.ts";
import { createTally } from "./tally.ts";

/** So many connect at the same time. */
const CONCURRENCY = 100;
/** The ages of all prices in a frame are looked at for one frame of so many. */
const AGES_OF_ONE_IN = 100;

const { scene, port }: { scene: Scene; port: number } = JSON.parse(argument());
const dialect = dialects[scene.server];
const request = dialect.request?.(port, scene);
const read = createReader((text) => dialect.read(text, scene));
const delays = createTally();
const ages = createTally();
let frames = 0;
let bytes = 0;

const onFrame = ({ isUpdate, encodedAt, pricedAt }: Read, length: number) => {
  bytes += length;
  if (!isUpdate) return;
  frames++;
  const now = Date.now();
  if (encodedAt !== undefined) delays.add(now - encodedAt);
  if (pricedAt && frames % AGES_OF_ONE_IN === 0) for (const at of pricedAt) ages.add(now - at);
};

const onEnd = (error: Error) => {
  throw error;
};

async function connectAll(): Promise<number> {
  const before = performance.now();
  let left = scene.clients;
  const connectSome = async () => {
    while (left-- > 0) await openClient({ port, request, read, onFrame, onEnd });
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, connectSome));
  return scene.clients / ((performance.now() - before) / 1000);
}

const answers = {
  /** Connects all clients. Returns how many of them per second have got their first prices. */
  connectsPerS: connectAll,

  /** Sums since the start; of delays and ages, what came since the last reading. */
  reading() {
    const { user, system } = process.cpuUsage();
    return {
      atMs: performance.now(),
      cpuUs: user + system,
      frames,
      bytes,
      delays: delays.take(),
      ages: ages.take(),
    };
  },
};
export type LoadAnswers = typeof answers;
answer(answers);
