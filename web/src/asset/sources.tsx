import { formatPrice } from "@cryptovault/price-stream/format";
import type { AssetPriceResponse, AssetView } from "@cryptovault/price-stream/protocol";
import { formatAge } from "../format.ts";
import { asSentence } from "../status/announce.ts";
import type { Told } from "../use-polled.ts";
import { ageOf, type Details } from "./use-details.ts";
import { differenceOf, formatDifference, formatLag, lagOf, standingOf } from "./views.ts";
import "./sources.css";

const BONES = [0, 1, 2];

/** What each exchange says the price is, and what its word counts for. */
export function Sources({ details: { told, silentMs, refusal } }: { details: Details }) {
  return (
    <section className="sources" data-silent={silentMs !== null} aria-labelledby="sources">
      <h3 id="sources">What each exchange says</h3>
      {silentMs !== null && (
        <p className="silence">
          {refusal
            ? `The gateway answers with an error: ${asSentence(refusal)}`
            : `The gateway has not answered for ${formatAge(silentMs)}.`}
          {told && " What stands here is old."}
        </p>
      )}
      {told && <SourceTable told={told} />}
      {!told && silentMs === null && (
        <p className="bones">
          {BONES.map((row) => (
            <i key={row} className="bone" />
          ))}
        </p>
      )}
    </section>
  );
}

type ToldOfAsset = Told<AssetPriceResponse>;

function SourceTable({ told }: { told: ToldOfAsset }) {
  const { sources } = told.body;
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
          <SourceRow key={view.source} view={view} told={told} />
        ))}
      </tbody>
    </table>
  );
}

function SourceRow({ view, told }: { view: AssetView; told: ToldOfAsset }) {
  const { source, price, quote, derived, speaking, receivedAt } = view;
  const { word, meaning } = standingOf(view);
  const difference = differenceOf(view, told.body);
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
      <td className="age">{formatAge(ageOf(told, receivedAt))}</td>
      <td className="lag">{lag === null ? "–" : formatLag(lag)}</td>
    </tr>
  );
}
