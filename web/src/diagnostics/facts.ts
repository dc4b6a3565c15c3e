import type { Diagnostics, StreamStatus } from "@cryptovault/price-stream";
import { CONTRACTS, formatBytes, LABELS } from "./words.ts";

export type Fact = { readonly name: string; readonly value: string };

/** What there is to be told of a connection, one line each. Pure. */
export function factsOf(status: StreamStatus, figures: Diagnostics): Fact[] {
  const { transport, isOpen, messages, bytes, ignored, epoch, seq, lastError } = figures;
  const { attempt, maxAttempts, label, source } = status;
  return [
    { name: "Address", value: addressOf(figures) || "not known yet" },
    { name: "Contract", value: CONTRACTS[transport] },
    { name: "Connection", value: isOpen ? "open" : "not open" },
    {
      name: "Attempts",
      value: attempt === 0 ? "none under way" : `${attempt} of ${maxAttempts}`,
    },
    { name: "Last error", value: lastError ?? "none" },
    {
      name: "Received",
      value: `${messages.toLocaleString("en")} messages, ${formatBytes(bytes).join(" ")}`,
    },
    { name: "Ignored", value: ignored === 0 ? "none" : ignored.toLocaleString("en") },
    { name: "Position", value: epoch === null ? "none" : `${seq} in epoch ${epoch}` },
    { name: "Source", value: source ?? "none yet" },
    { name: "Label", value: LABELS[label] },
  ];
}

/** A stream names its WebSocket; server-sent events come from beside it. */
const addressOf = ({ url, transport }: Diagnostics): string =>
  transport === "sse" ? url.replace(/^ws/, "http").replace("/ws/", "/sse/") : url;
