import type { ReactNode } from "react";
import "./message.css";

/** In place of what there is nothing to show of: why, and what can be done. */
export const Message = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="message">
    <h2>{title}</h2>
    {children}
  </section>
);
