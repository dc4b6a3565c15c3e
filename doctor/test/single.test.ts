/** The line of the asset that the address names. */
import { expect, it } from "vitest";
import { type Parts, startFake } from "./support/fake.ts";
import { BRIEF, failing, look, of } from "./support/look.ts";

async function lookAtBitcoin(parts: Parts) {
  const fake = await startFake(parts);
  const results = await look(`${fake.url}/ws/prices/bitcoin`, { timing: BRIEF });
  await fake.close();
  return results;
}

it.concurrent("tells that a proxy knows no path of a single asset", async () => {
  const results = await lookAtBitcoin({
    upgrade(socket, { url }) {
      if (url === "/ws/prices") return false;
      socket.end("HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n");
      return true;
    },
  });
  expect(failing(results)).toEqual(["assets"]);
  const { seen, mend } = of(results, "assets");
  expect(seen).toBe("/ws/prices/bitcoin answers 404, by nginx (101 is due)");
  expect(mend).toMatch(/^Route this path to the gateway/);
});

it.concurrent("tells that the line of a single asset brings no price, while the asset moves", async () => {
  const results = await lookAtBitcoin({ opened: (_socket, { url }) => url !== "/ws/prices" });
  expect(failing(results)).toEqual(["assets"]);
  const { seen, mend } = of(results, "assets");
  expect(seen).toMatch(
    /^\/ws\/prices\/bitcoin: no price within [\d.]+ m?s, while \/ws\/prices goes on$/,
  );
  expect(mend).toMatch(/the stream of a single asset is dead/);
});

it.concurrent("is content with a price on the line of a single asset", async () => {
  const results = await lookAtBitcoin({
    opened(socket, { url }) {
      if (url === "/ws/prices") return false;
      socket.send(JSON.stringify({ type: "price", symbol: "bitcoin", price: "97000.1" }));
      return true;
    },
  });
  expect(failing(results)).toEqual([]);
});
