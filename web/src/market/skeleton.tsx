import "./columns.css";
import "./skeleton.css";
import "./toolbar.css";

const ROWS = Array.from({ length: 14 }, (_, row) => row);

/** The list before anything is known of it. */
export const Skeleton = () => (
  <div className="skeleton">
    <p className="visually-hidden">Waiting for the first prices …</p>
    <div className="toolbar" aria-hidden="true">
      <i className="bone" />
    </div>
    <div className="skeleton-head" aria-hidden="true" />
    {ROWS.map((row) => (
      <div key={row} className="skeleton-row" aria-hidden="true">
        <i className="star" />
        <i className="rank bone" />
        <span className="name">
          <i className="bone round" />
          <i className="bone" style={{ width: `${22 + ((row * 13) % 30)}%` }} />
        </span>
        <i className="price bone" />
        <i className="change bone" />
        <i className="volume bone" />
        <i className="trend" />
      </div>
    ))}
  </div>
);
