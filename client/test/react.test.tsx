import { renderToString } from "react-dom/server";
import { afterEach, expect, it, vi } from "vitest";
import {
  PriceStreamProvider,
  usePrice,
  usePrices,
  usePriceWebSocket,
  useStreamStatus,
} from "../src/react.ts";

afterEach(() => vi.unstubAllGlobals());

function Everything() {
  const { prices, stale, status, isConnected, isConnecting, getPrice } = usePriceWebSocket();
  const seen = { prices, stale: [...stale], status, isConnected, isConnecting };
  return <p>{JSON.stringify({ ...seen, price: getPrice("bitcoin") ?? null })}</p>;
}

function Some() {
  const bitcoin = usePrice("bitcoin");
  const several = usePrices(["bitcoin", "ETH"]);
  const { state } = useStreamStatus();
  return <p>{`${bitcoin?.price ?? "none"}, ${several.size} prices, ${state}`}</p>;
}

it("renders on a server, where it neither connects nor needs a WebSocket", () => {
  vi.stubGlobal("WebSocket", undefined);
  const html = renderToString(<Everything />).replaceAll("&quot;", '"');
  expect(html).toContain('"prices":{},"stale":[]');
  expect(html).toContain('"isConnected":false,"isConnecting":true,"price":null');
  const below = renderToString(
    <PriceStreamProvider url="/ws/prices">
      <Some />
    </PriceStreamProvider>,
  );
  expect(below).toBe("<p>none, 0 prices, connecting</p>");
});

it("says what is missing where a hook has no provider", () => {
  expect(() => renderToString(<Some />)).toThrow(/wrap the app in <PriceStreamProvider>/);
});
