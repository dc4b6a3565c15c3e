import { useId, useState } from "react";
import {
  breakExchange,
  type Control,
  type Exchange,
  fetchControl,
  fetchHealth,
  type Health,
  mendExchange,
} from "../api.ts";
import { formatAge } from "../format.ts";
import { usePolled } from "../use-polled.ts";
import "./demo-panel.css";

/** Breaks and mends the emulated exchanges that the gateway uses, and shows what it makes of that. */
export function DemoPanel({ speaker }: { speaker: string | null }) {
  const { told: control, refusal, again } = usePolled(fetchControl, 2000);
  const { told: health, silentMs } = usePolled(fetchHealth, 1000);
  // Made up elsewhere, where nothing can be broken from here.
  if (refusal && !control) return null;
  const isSilent = silentMs !== null;
  return (
    <aside className="demo-panel" data-silent={isSilent}>
      <details open={matchMedia("(min-width: 1180px)").matches}>
        <summary>
          <h2>Break an exchange</h2>
        </summary>
        <p>These exchanges are emulated. Break one, and watch another take over.</p>
        {isSilent && (
          <p className="unknown">
            {`The gateway has not answered for ${formatAge(silentMs)}.`}
            {health && " What stands here is old."}
          </p>
        )}
        <div className="exchanges">
          {health?.body.sources.map((source) => {
            const exchange = control?.body.exchanges[source.name];
            return (
              control &&
              exchange && (
                <ExchangeCard
                  key={source.name}
                  exchange={exchange}
                  faults={control.body.faults}
                  source={source}
                  speaks={speaker === source.name}
                  isSilent={isSilent}
                  onChange={again}
                />
              )
            );
          })}
        </div>
      </details>
    </aside>
  );
}

type CardProps = {
  exchange: Exchange;
  faults: Control["faults"];
  source: Health["sources"][number];
  /** Whether this exchange speaks for most assets. */
  speaks: boolean;
  /** Whether nothing can be told to it, or heard of it. */
  isSilent: boolean;
  onChange(): void;
};

function ExchangeCard({ exchange, faults, source, speaks, isSilent, onChange }: CardProps) {
  const [chosen, choose] = useState("stall");
  const select = useId();
  const { name } = source;
  const meaning = faults.find((fault) => fault.name === (exchange.fault ?? chosen))?.meaning;
  const isWell = source.standing === "speaking";
  const standing = isWell ? (speaks ? "speaks" : "ready") : source.standing;
  const isBroken = exchange.fault !== null;
  const act = (action: Promise<unknown>) => void action.catch(() => {}).then(onChange);
  return (
    <section className="exchange" data-exchange={name}>
      <h3>
        {name} <span className={`standing ${standing}`}>{standing}</span>
      </h3>
      <p className="why" title={why(source)}>
        {why(source)}
      </p>
      <div className="controls">
        <label htmlFor={select} className="visually-hidden">
          Fault of {name}
        </label>
        <select
          id={select}
          title={meaning}
          value={exchange.fault ?? chosen}
          disabled={isBroken || isSilent}
          onChange={(event) => choose(event.target.value)}
        >
          {exchange.faults.map((fault) => (
            <option key={fault}>{fault}</option>
          ))}
        </select>
        <button
          type="button"
          disabled={isSilent}
          onClick={() => act(isBroken ? mendExchange(name) : breakExchange(name, chosen))}
        >
          {isBroken ? "Mend" : "Break"}
        </button>
      </div>
    </section>
  );
}

function why({ state, stateReason, standing, standingReason }: Health["sources"][number]): string {
  const link = `${state}: ${stateReason}`;
  return standing === "speaking" ? link : `${link}; ${standing}: ${standingReason}`;
}
