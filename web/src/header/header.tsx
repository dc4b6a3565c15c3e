import { useStreamStatus } from "@cryptovault/price-stream/react";
import type { ReactNode } from "react";
import type { ConnectionLog } from "../diagnostics/connection-log.ts";
import { Diagnostics } from "../diagnostics/diagnostics.tsx";
import { formatRoute, MARKET } from "../route.ts";
import { Badge } from "../status/badge.tsx";
import { ThemeButton } from "../theme/theme-button.tsx";
import "./header.css";

const LABELS = {
  demo: "Demo data: made up by an emulator, not the market.",
  replay: "Replay: recorded prices, not the market of now.",
};

/** What stays in sight in every view. */
export function Header({ log, children }: { log: ConnectionLog; children: ReactNode }) {
  const { label } = useStreamStatus();
  return (
    <header className="header">
      <div className="bar">
        <h1>
          <a href={formatRoute(MARKET)} className="brand">
            <svg viewBox="0 0 32 32" aria-hidden="true">
              <rect width="32" height="32" rx="8" />
              <path d="M6 20l6-7 5 5 9-10" />
            </svg>
            <span>CryptoVault</span>
          </a>
        </h1>
        {children}
        <Badge />
        <Diagnostics log={log} />
        <ThemeButton />
      </div>
      {label !== "none" && <p className="label">{LABELS[label]}</p>}
    </header>
  );
}
