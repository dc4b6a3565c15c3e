import { expect, it } from "vitest";
import { createMirror } from "../src/mirror.ts";
import type { HelloMessage } from "../src/protocol/v1.ts";

const timestamp = "2025-01-01T00:00:00.000Z";
const hello: HelloMessage = {
  type: "hello",
  epoch: "e",
  seq: 9,
  heartbeatMs: 25_000,
  limits: { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 },
  timestamp,
};

it("does not take a heartbeat before the first answer for news of what it holds from earlier", () => {
  const mirror = createMirror();
  const subscription = { assets: "*", interval: 1000 } as const;
  mirror.hello(hello);
  mirror.update({ type: "price_update", seq: 3, timestamp, assets: [], prices: [], subscription });
  mirror.hello(hello);
  mirror.heartbeat({ type: "heartbeat", seq: 9, timestamp });
  expect(mirror.position()).toEqual({ epoch: "e", seq: 3 });
  mirror.update({ type: "price_update", seq: 9, timestamp, assets: [], prices: [], subscription });
  mirror.heartbeat({ type: "heartbeat", seq: 12, timestamp });
  expect(mirror.position()).toEqual({ epoch: "e", seq: 12 });
});
