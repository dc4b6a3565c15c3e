import type { Asset } from "../assets.ts";
import { Icon } from "../icon.tsx";
import { useFavourites } from "../market/favourites.ts";
import { Star } from "../market/star.tsx";

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
        <Star id={id} name={name} isFavourite={isFavourite} className="icon-button" />
      </span>
    </div>
  );
}
