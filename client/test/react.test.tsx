import { renderToString } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { usePriceWebSocket } from "../src/react.ts";

function Prices() {
  const { prices, stale, status, isConnected, isConnecting, getPrice } = usePriceWebSocket();
  const seen = { prices, stale: [...stale], status, isConnected, price: getPrice("bitcoin") };
  return <p>{`${JSON.stringify(seen)} ${isConnecting}`}</p>;
}

it("renders on a server, where it neither connects nor needs a WebSocket", () => {
  vi.stubGlobal("WebSocket", undefined);
  const html = renderToString(<Prices />).replaceAll("&quot;", '"');
  vi.unstubAllGlobals();
  expect(html).toContain('"prices":{}');
  expect(html).toContain('"isConnected":false');
  expect(html).toContain('"error":null');
});
