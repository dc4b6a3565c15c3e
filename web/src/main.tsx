import { createPriceStream } from "@cryptovault/price-stream";
import { PriceStreamProvider } from "@cryptovault/price-stream/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { STREAM_URL } from "./api.ts";
import { App } from "./app.tsx";
import { createConnectionLog } from "./diagnostics/connection-log.ts";
import { createHistory } from "./history.ts";
import { HistoryContext } from "./use-trace.ts";
import "./theme/theme.css";
import "./base.css";

// The list scrolls back to where it was by itself, once its rows are there.
history.scrollRestoration = "manual";

const root = document.getElementById("root");
if (root) {
  const stream = createPriceStream(STREAM_URL);
  const log = createConnectionLog(stream, Date.now);
  const past = createHistory(stream, Date.now);
  createRoot(root).render(
    <StrictMode>
      <PriceStreamProvider stream={stream}>
        <HistoryContext value={past}>
          <App stream={stream} log={log} />
        </HistoryContext>
      </PriceStreamProvider>
    </StrictMode>,
  );
}
