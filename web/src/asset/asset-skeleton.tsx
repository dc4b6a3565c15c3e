import "../market/skeleton.css";
import "./asset-view.css";
import "./asset-skeleton.css";

/** An asset before anything is known of it. */
export const AssetSkeleton = () => (
  <div className="asset asset-skeleton">
    <p className="visually-hidden">Waiting for the first prices …</p>
    <i className="bone name" />
    <i className="bone amount" />
    <i className="bone chart" />
  </div>
);
