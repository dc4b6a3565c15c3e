import { createPriceStream } from "@cryptovault/price-stream";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { STREAM_URL } from "./api.ts";
import { App } from "./app.tsx";
import "./style.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App stream={createPriceStream(STREAM_URL)} />
    </StrictMode>,
  );
}
