import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createPriceStream } from "../../src/index.ts";
import {
  PriceStreamProvider,
  usePrice,
  usePrices,
  usePriceWebSocket,
  useStreamStatus,
} from "../../src/react.ts";

/** What the page tells its test. */
export type Board = {
  /** How often the price of an asset changed, and how often its row was rendered. */
  changes: Record<string, number>;
  renders: Record<string, number>;
  /** Frames in which anything changed, and renders of the component that shows all. */
  frames: number;
  rendersOfAll: number;
  /** Renders of a component beyond the first in a frame. */
  doubles: number;
  /** What `usePriceWebSocket` called back. */
  updates: number;
  states: string[];
  reset(): void;
  unmount(): void;
};

declare global {
  var board: Board;
}

const { searchParams } = new URL(location.href);
const url = searchParams.get("url") ?? "";
const view = searchParams.get("view") ?? "";
const assets = searchParams.get("assets")?.split(",") ?? [];
const lastFrames = new Map<string, unknown>();
const root = createRoot(document.getElementById("root") ?? document.body);

const none = () => ({ changes: {}, renders: {}, frames: 0, rendersOfAll: 0, doubles: 0 });
globalThis.board = {
  ...none(),
  updates: 0,
  states: [],
  reset: () => Object.assign(board, none()),
  unmount: () => root.unmount(),
};

function countFrame(component: string) {
  const frame = document.timeline.currentTime;
  if (lastFrames.get(component) === frame) board.doubles++;
  lastFrames.set(component, frame);
}

function Row({ asset }: { asset: string }) {
  const price = usePrice(asset);
  board.renders[asset] = (board.renders[asset] ?? 0) + 1;
  countFrame(asset);
  return <li data-asset={asset}>{price?.price}</li>;
}

function Size() {
  const prices = usePrices(assets);
  board.rendersOfAll++;
  countFrame("all of them");
  return <p id="size">{prices.size}</p>;
}

function State() {
  return <p id="state">{useStreamStatus().state}</p>;
}

function Everything() {
  const { prices, stale, status, connect, disconnect, getPrice, isConnected, isConnecting } =
    usePriceWebSocket({
      url,
      autoReconnect: view !== "no-reconnect",
      reconnectDelay: 20,
      onPriceUpdate: () => board.updates++,
      onStatusChange: ({ state }) => board.states.push(state),
    });
  const shown = { prices, stale: [...stale], isConnected, isConnecting, error: status.error };
  return (
    <>
      <button type="button" onClick={connect}>
        connect
      </button>
      <button type="button" onClick={disconnect}>
        disconnect
      </button>
      <pre>
        {JSON.stringify({ ...shown, bitcoin: getPrice("Bitcoin"), bySymbol: getPrice("BTC") })}
      </pre>
    </>
  );
}

/** Rows below a stream that the page keeps, and counts the changes of. */
function rows(): ReactNode {
  const stream = createPriceStream({ url, interval: 1000 });
  for (const asset of assets) {
    stream.subscribe(asset, () => {
      board.changes[asset] = (board.changes[asset] ?? 0) + 1;
    });
  }
  stream.subscribeAll(() => board.frames++);
  return (
    <PriceStreamProvider stream={stream}>
      <Size />
      {assets.map((asset) => (
        <Row key={asset} asset={asset} />
      ))}
    </PriceStreamProvider>
  );
}

function strictProvider(): ReactNode {
  return (
    <StrictMode>
      <PriceStreamProvider url={url} assets={["bitcoin"]}>
        <State />
        <Row asset="bitcoin" />
      </PriceStreamProvider>
    </StrictMode>
  );
}

if (view === "rows") root.render(rows());
else if (view === "provider") root.render(strictProvider());
else {
  root.render(
    <StrictMode>
      <Everything />
    </StrictMode>,
  );
}
