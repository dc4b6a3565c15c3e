import { usePriceStream } from "@cryptovault/price-stream/react";
import { useRef, useState } from "react";
import type { ConnectionLog } from "./connection-log.ts";
import { Panel } from "./panel.tsx";
import "./diagnostics.css";

/**
 * A button, and the drawer that it opens: what the connection does, and why. Loaded with the page and not on
 * need, since it is needed most when nothing more can be loaded.
 */
export function Diagnostics({ log }: { log: ConnectionLog }) {
  const stream = usePriceStream();
  const drawer = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    setOpen(true);
    drawer.current?.showModal();
  };
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-haspopup="dialog"
        aria-label="Connection"
        title="Connection"
        onClick={open}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M2.5 10.5h3l2.2-6 4 11.5 2.4-5.5h3.4" />
        </svg>
      </button>
      <dialog
        ref={drawer}
        className="diagnostics"
        aria-labelledby="diagnostics-title"
        closedby="any"
        // By the time that it is told of, it may be open again.
        onClose={(event) => setOpen(event.currentTarget.open)}
      >
        {isOpen && stream && (
          <Panel stream={stream} log={log} onClose={() => drawer.current?.close()} />
        )}
      </dialog>
    </>
  );
}
