import type { PriceStream } from "@cryptovault/price-stream";
import { type ReactNode, useRef } from "react";
import type { Assets } from "../assets.ts";
import { Message } from "../message.tsx";
import { formatRoute, MARKET, type MarketRoute, replaceRoute } from "../route.ts";
import { useFavourites } from "./favourites.ts";
import { nextSort } from "./order.ts";
import { usePlace } from "./place.ts";
import { Table } from "./table.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useOrder } from "./use-order.ts";

type MarketProps = {
  stream: PriceStream;
  assets: Assets;
  route: MarketRoute;
  /** What stands first above the list. */
  children?: ReactNode;
};

/** The list of all assets. */
export function Market({ stream, assets, route, children }: MarketProps) {
  const table = useRef<HTMLTableElement>(null);
  const favourites = useFavourites();
  const order = useOrder(stream, assets, favourites, route, table);
  const place = usePlace(table, formatRoute(route));
  const { sort } = route;
  return (
    <>
      <Toolbar route={route} shown={order.length} favourites={favourites.size}>
        {children}
      </Toolbar>
      <Table
        ref={table}
        assets={assets}
        order={order}
        favourites={favourites}
        sort={sort}
        place={place}
        onSort={(key) => replaceRoute({ ...route, sort: nextSort(sort, key) })}
      />
      {order.length === 0 && <Nothing route={route} />}
    </>
  );
}

function Nothing({ route }: { route: MarketRoute }) {
  const { query, sort, favouritesOnly } = route;
  const all = (
    <button type="button" onClick={() => replaceRoute({ ...MARKET, sort })}>
      Show all assets
    </button>
  );
  if (favouritesOnly && query === "") {
    return (
      <Message title="No favourites yet">
        <p>Star an asset in the list, and it stays here, on this device.</p>
        {all}
      </Message>
    );
  }
  return (
    <Message title={`Nothing matches “${query}”`}>
      <p>
        Assets are found by name, symbol or id{favouritesOnly ? ", here among the favourites" : ""}.
      </p>
      {all}
    </Message>
  );
}
