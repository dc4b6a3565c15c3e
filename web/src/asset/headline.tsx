import type { Asset } from "../assets.ts";
import { Icon } from "../icon.tsx";
import { toggleFavourite, useFavourites } from "../market/favourites.ts";

/** Which asset it is. */
export function Headline({ asset: { id, symbol, name, rank } }: { asset: Asset }) {
  const isFavourite = useFavourites().has(id);
  return (
    <div className="headline">
      <Icon symbol={symbol || name} />
      <h2>{name}</h2>
      <p>
        {symbol}
        {rank !== null && <span className="place">#{rank}</span>}
      </p>
      <span className="star">
        <button
          type="button"
          className="icon-button"
          aria-pressed={isFavourite}
          aria-label={`Favourite: ${name}`}
          onClick={() => toggleFavourite(id)}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M10 2.8l2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7z" />
          </svg>
        </button>
      </span>
    </div>
  );
}
