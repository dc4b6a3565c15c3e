import type { ReactNode } from "react";
import { type MarketRoute, replaceRoute } from "../route.ts";
import "./toolbar.css";

type ToolbarProps = { route: MarketRoute; shown: number; favourites: number; children?: ReactNode };

/** Which assets are shown, and how many that are. */
export function Toolbar({ route, shown, favourites, children }: ToolbarProps) {
  const { favouritesOnly } = route;
  const choose = (only: boolean) => replaceRoute({ ...route, favouritesOnly: only });
  return (
    <div className="toolbar">
      {children}
      <fieldset className="choice">
        <legend className="visually-hidden">Assets shown</legend>
        <button type="button" aria-pressed={!favouritesOnly} onClick={() => choose(false)}>
          All
        </button>
        <button type="button" aria-pressed={favouritesOnly} onClick={() => choose(true)}>
          Favourites <span className="count">{favourites}</span>
        </button>
      </fieldset>
      <p className="shown">
        {shown.toLocaleString("en")} {shown === 1 ? "asset" : "assets"}
      </p>
    </div>
  );
}
