import type { AssetView } from "@cryptovault/price-stream/protocol";
import { useState } from "react";
import { formatAge, formatPrice } from "../format.ts";
import { useSecond } from "../use-second.ts";
import { ageOf, type Details } from "./use-details.ts";
import { differenceOf, formatDifference, formatLag, lagOf, standingOf } from "./views.ts";
import "./sources.css";

/** An answer that is older than this is not the present, ms. */
const LATE_MS = 6000;

/** What each exchange says the price is, and what its word counts for. */
export function Sources({ details }: { details: Details | undefined }) {
  const [openedAt] = useState(() => performance.now());
  useSecond();
  const waitedMs = performance.now() - (details?.at ?? openedAt);
  const isLate = waitedMs > LATE_MS;
  return (
    <section className="sources" aria-labelledby="sources">
      <h3 id="sources">What each exchange says</h3>
      {isLate && (
        <p className="late">
          The gateway has not answered for {formatAge(waitedMs)}.{" "}
          {details ? "What stands here is as old." : "Asking again …"}
        </p>
      )}
      {details ? (
        <SourceTable details={details} />
      ) : (
        !isLate && (
          <p className="bones">
            {[0, 1, 2].map((row) => (
              <i key={row} className="bone" />
            ))}
          </p>
        )
      )}
    </section>
  );
}

function SourceTable({ details }: { details: Details }) {
  const { sources } = details.body;
  if (sources.length === 0) return <p className="none">None has told a price yet.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Exchange</th>
          <th scope="col">Price</th>
          <th scope="col">
            <abbr title="How far from the price shown above">Difference</abbr>
          </th>
          <th scope="col">Age</th>
          <th scope="col" className="lag">
            <abbr title="From the exchange's own time of the price to its receipt">Lag</abbr>
          </th>
        </tr>
      </thead>
      <tbody>
        {sources.map((view) => (
          <SourceRow key={view.source} view={view} details={details} />
        ))}
      </tbody>
    </table>
  );
}

function SourceRow({ view, details }: { view: AssetView; details: Details }) {
  const { source, price, quote, derived, speaking, receivedAt } = view;
  const { word, meaning } = standingOf(view);
  const difference = differenceOf(view, details.body);
  const lag = lagOf(view);
  return (
    <tr data-source={source} data-standing={word}>
      <th scope="row">
        {source}
        <small className="word" title={meaning}>
          {word}
        </small>
      </th>
      <td>
        {quote === "USD" ? `$${formatPrice(price)}` : formatPrice(price)}
        {(derived || quote !== "USD") && (
          <small>{derived ? `from ${formatPrice(derived.price)} ${derived.quote}` : quote}</small>
        )}
      </td>
      <td>{difference === null || speaking ? "–" : formatDifference(difference)}</td>
      <td className="age">{formatAge(ageOf(details, receivedAt))}</td>
      <td className="lag">{lag === null ? "–" : formatLag(lag)}</td>
    </tr>
  );
}
