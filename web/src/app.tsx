import type { PriceStream } from "@cryptovault/price-stream";
import { useDeferredValue, useEffect, useState, useSyncExternalStore } from "react";
import { fetchPrices } from "./api.ts";
import { Badge } from "./badge.tsx";
import { DemoPanel } from "./demo-panel.tsx";
import { Row } from "./row.tsx";
import { usePolled } from "./use-polled.ts";

const LABELS = {
  demo: "Demo data: made up by the built-in exchange emulator, not the market.",
  replay: "Replay: recorded market data, not the market of now.",
};

export function App({ stream }: { stream: PriceStream }) {
  const status = useSyncExternalStore(stream.onStatus, () => stream.status);
  const [described] = usePolled(fetchPrices, 10_000);
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query.trim().toLowerCase());
  const assets = described?.assets ?? [];
  const { state, label } = status;

  useEffect(() => {
    document.title = state === "live" ? "CryptoVault prices" : `(${state}) CryptoVault prices`;
  }, [state]);

  return (
    <>
      <header>
        <h1>CryptoVault</h1>
        <Badge stream={stream} status={status} />
      </header>
      {label !== "none" && <p className="label">{LABELS[label]}</p>}
      <main className={state === "live" ? "" : "not-live"}>
        {label === "demo" && <DemoPanel speaker={status.source} />}
        <input
          type="search"
          placeholder="Search name or symbol"
          aria-label="Search name or symbol"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <table>
          <thead>
            <tr>
              <th scope="col" className="rank">
                #
              </th>
              <th scope="col">Name</th>
              <th scope="col" className="price">
                Price
              </th>
              <th scope="col" className="change">
                24 h
              </th>
              <th scope="col" className="volume">
                Volume 24 h
              </th>
            </tr>
          </thead>
          <tbody>
            {assets.map((asset) =>
              `${asset.name} ${asset.symbol} ${asset.id}`.toLowerCase().includes(wanted) ? (
                <Row key={asset.id} stream={stream} asset={asset} />
              ) : null,
            )}
          </tbody>
        </table>
        {assets.length === 0 && <p className="empty">Waiting for the first prices …</p>}
      </main>
    </>
  );
}
