import { useStreamStatus } from "@cryptovault/price-stream/react";
import { asSentence } from "./announce.ts";
import "./notice.css";

/** While prices are not live: why, and what that means for those shown. Covers nothing that moves. */
export function Notice() {
  const { state, reason } = useStreamStatus();
  if (state === "live" || state === "connecting") return null;
  return (
    <p className="notice" data-state={state}>
      {asSentence(reason)} <b>The prices shown are old.</b>
    </p>
  );
}
