import { PriceStreamProvider } from "@cryptovault/price-stream/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import type { Begun } from "./main.ts";
import { HistoryContext } from "./use-trace.ts";
import "./theme/theme.css";
import "./base.css";

/** Draws the page of what has begun to come, and keeps it drawn. */
export function draw(root: HTMLElement, { stream, past, log, assets }: Begun) {
  createRoot(root).render(
    <StrictMode>
      <PriceStreamProvider stream={stream}>
        <HistoryContext value={past}>
          <App stream={stream} log={log} known={assets} />
        </HistoryContext>
      </PriceStreamProvider>
    </StrictMode>,
  );
}
