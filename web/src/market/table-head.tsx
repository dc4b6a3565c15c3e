// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as a grid loses its roles in some browsers
import type { Sort, SortKey } from "../route.ts";

const COLUMNS: readonly { key: SortKey; title: string; name: string }[] = [
  { key: "rank", title: "#", name: "Rank" },
  { key: "name", title: "Name", name: "Name" },
  { key: "price", title: "Price", name: "Price" },
  { key: "change", title: "24 h", name: "24 h change" },
  { key: "volume", title: "Volume 24 h", name: "Volume 24 h" },
];

/** The columns' heads: each sorts by its column, and the other way round when it does already. */
export function TableHead({ sort, onSort }: { sort: Sort; onSort(key: SortKey): void }) {
  return (
    <thead role="rowgroup">
      <tr role="row" aria-rowindex={1}>
        <th role="columnheader" scope="col" className="star">
          <span className="visually-hidden">Favourite</span>
        </th>
        {COLUMNS.map(({ key, title, name }) => (
          <th
            key={key}
            role="columnheader"
            scope="col"
            className={key}
            aria-sort={sort.key !== key ? undefined : sort.descending ? "descending" : "ascending"}
          >
            <button
              type="button"
              aria-label={name}
              title={`Sort by ${name.toLowerCase()}`}
              onClick={() => onSort(key)}
            >
              {title}
            </button>
          </th>
        ))}
        <th role="columnheader" scope="col" className="trend">
          10 min
        </th>
      </tr>
    </thead>
  );
}
