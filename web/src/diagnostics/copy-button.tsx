import { useEffect, useState } from "react";
import { copyText } from "./copy.ts";

const SAID_FOR_MS = 2000;

const WORDS = { idle: "Copy all", done: "Copied", refused: "Not allowed" };

/** Copies what `text` gives, and says so. */
export function CopyButton({ text }: { text(): string }) {
  const [outcome, setOutcome] = useState<keyof typeof WORDS>("idle");
  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  return (
    <button
      type="button"
      className="copy"
      onClick={async ({ currentTarget }) => {
        const near = currentTarget.parentElement ?? document.body;
        setOutcome((await copyText(text(), near)) ? "done" : "refused");
      }}
    >
      <span aria-live="polite">{WORDS[outcome]}</span>
    </button>
  );
}
