import { toggleFavourite } from "./favourites.ts";

type StarProps = {
  /** Id and name of the asset. */
  id: string;
  name: string;
  isFavourite: boolean;
  className?: string;
};

/** Makes an asset a favourite, or one no more. */
export function Star({ id, name, isFavourite, className }: StarProps) {
  return (
    <button
      type="button"
      className={className}
      aria-pressed={isFavourite}
      aria-label={`Favourite: ${name}`}
      onClick={() => toggleFavourite(id)}
    >
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d="M10 2.8l2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7z" />
      </svg>
    </button>
  );
}
