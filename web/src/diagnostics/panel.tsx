import type { Diagnostics, PriceStream } from "@cryptovault/price-stream";
import { useStreamStatus } from "@cryptovault/price-stream/react";
import { useSyncExternalStore } from "react";
import { asSentence } from "../status/announce.ts";
import type { ConnectionLog } from "./connection-log.ts";
import { CopyButton } from "./copy-button.tsx";
import { factsOf } from "./facts.ts";
import { hintsFor } from "./hints.ts";
import { Log } from "./log.tsx";
import type { Rates } from "./rates.ts";
import { reportOf } from "./report.ts";
import { useFigures } from "./use-figures.ts";
import { formatBytes, formatMs, formatRate } from "./words.ts";

type PanelProps = { stream: PriceStream; log: ConnectionLog; onClose(): void };

/** What is in the drawer while it is open. */
export function Panel({ stream, log, onClose }: PanelProps) {
  const status = useStreamStatus();
  const [figures, rates] = useFigures(stream);
  const lines = useSyncExternalStore(log.subscribe, log.lines);
  const { state, reason } = status;
  const facts = factsOf(status, figures);
  const hints = hintsFor({
    status,
    figures,
    log: lines.map(({ text }) => text),
    page: { origin: location.origin, isOnline: navigator.onLine },
  });
  const tiles = tilesOf(figures, rates);
  const report = () =>
    reportOf({
      madeAt: `${new Date()}`,
      state: `${state}: ${asSentence(reason)}`,
      facts: [
        ...facts,
        ...tiles.map(({ name, text, unit }) => ({ name, value: `${text} ${unit}` })),
      ],
      hints,
      lines,
    });

  return (
    <>
      <header>
        <h2 id="diagnostics-title">Connection</h2>
        <CopyButton text={report} />
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M5 5l10 10M15 5L5 15" />
          </svg>
        </button>
      </header>
      <section className="standing-of-stream" data-state={state}>
        <span className="beacon" aria-hidden="true" />
        <p>
          <b>{state}</b> {asSentence(reason)}
        </p>
        {(state === "failed" || state === "reconnecting") && (
          <button type="button" onClick={stream.retry}>
            {state === "failed" ? "Retry" : "Try now"}
          </button>
        )}
      </section>
      {hints.length > 0 && (
        <section aria-label="What to do">
          <ul className="hints">
            {hints.map(({ title, advice }) => (
              <li key={title}>
                <b>{title}</b>
                <p>{advice}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <dl className="tiles" data-open={figures.isOpen}>
        {tiles.map(({ name, text, unit }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {text} <small>{unit}</small>
            </dd>
          </div>
        ))}
      </dl>
      <dl className="particulars">
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Log lines={lines} />
    </>
  );
}

function tilesOf({ handshakeMs, latencyMs }: Diagnostics, rates: Rates | undefined) {
  const [bytes, unit] = formatBytes(rates?.bytesPerS);
  return [
    { name: "Messages", text: formatRate(rates?.messagesPerS), unit: "/s" },
    { name: "Data", text: bytes, unit: `${unit}/s` },
    { name: "Latency", text: formatMs(latencyMs), unit: "ms" },
    { name: "Handshake", text: formatMs(handshakeMs), unit: "ms" },
  ];
}
