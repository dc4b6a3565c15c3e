import { renderToString } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { usePriceWebSocket } from "../src/react.ts";

function Prices() {
  const { prices, stale, status, isConnected, isConnecting, getPrice } = usePriceWebSocket();
  const seen = { prices, stale: [...stale], status, isConnected, isConnecting };
  return <p>{JSON.stringify({ ...seen, price: getPrice("bitcoin") ?? null })}</p>;
}

it("renders on a server, where it neither connects nor needs a WebSocket", () => {
  vi.stubGlobal("WebSocket", undefined);
  const html = renderToString(<Prices />).replaceAll("&quot;", '"');
  vi.unstubAllGlobals();
  expect(html).toContain('"prices":{},"stale":[]');
  expect(html).toContain('"isConnected":false,"isConnecting":true,"price":null');
});
