import { WebSocket } from "ws";
import { z } from "zod";
import { type Handshake, type LineSeen, NO_SUBPROTOCOL } from "../seen.ts";
import { told } from "./attempt.ts";
import { credentials, headOf, LONGEST_BODY, type Way } from "./request.ts";

/** What is done with a WebSocket while it is watched. */
export type Watch = {
  opened?: () => void;
  /**
   * Takes a message.
   * @returns what to say to it, and whether it meant something
   */
  read(text: string, ms: number): { say?: string[]; understood: boolean };
  /** Watching ends at the first of these moments, ms since it opened, at which `over` holds. */
  until: readonly { ms: number; over(): boolean }[];
};

const GOODBYE_MS = 1000;

const Complaint = z.object({
  type: z.literal("error"),
  code: z.string(),
  message: z.string(),
  hint: z.string().default(""),
});

/** Opens a WebSocket, and watches it. */
export function watchLine(
  url: string,
  options: Way & { protocols?: string[]; origin?: string | undefined },
  { opened, read, until }: Watch,
): Promise<LineSeen> {
  const { clock, answerMs, token, ca, protocols = [], origin } = options;
  const startedAt = clock.now();
  const socket = new WebSocket(url, protocols, {
    headers: credentials(token),
    followRedirects: false,
    ...(ca === undefined ? {} : { ca }),
    ...(origin === undefined ? {} : { origin }),
  });
  let openedAt: number | undefined;
  let broken: Error | undefined;
  let timers: (() => void)[] = [];
  const seen: Omit<LineSeen, "handshake" | "watchedMs"> = {
    messages: 0,
    unread: 0,
    firstMs: null,
    lastMs: null,
    complaint: null,
    end: null,
  };

  return new Promise((resolve) => {
    const sinceStart = () => clock.now() - startedAt;
    const sinceOpen = () => clock.now() - (openedAt ?? startedAt);
    let handshake: Handshake | undefined;

    const finish = (instead?: Handshake) => {
      const shaken = handshake ?? instead;
      if (!shaken) return;
      for (const cancel of timers) cancel();
      timers = [];
      socket.removeAllListeners();
      socket.on("error", () => {});
      resolve({ ...seen, handshake: shaken, watchedMs: sinceOpen() });
      if (socket.readyState === socket.CLOSED) return;
      socket.on(
        "close",
        clock.after(GOODBYE_MS, () => socket.terminate()),
      );
      socket.close();
    };

    timers.push(
      clock.after(answerMs, () =>
        finish({ kind: "failed", ms: sinceStart(), code: "TIMEOUT", message: "no answer in time" }),
      ),
    );
    socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (body.length < LONGEST_BODY) body += chunk;
      });
      response.on("error", () => {});
      // An answer that does not end is one, too.
      const settle = () =>
        finish({ kind: "answered", ms: sinceStart(), ...headOf(response), body });
      response.on("close", settle);
      timers.push(clock.after(answerMs / 4, settle));
    });
    socket.on("open", () => {
      for (const cancel of timers) cancel();
      handshake = { kind: "open", ms: sinceStart(), subprotocol: socket.protocol };
      openedAt = clock.now();
      opened?.();
      timers = until.map(({ ms, over }) =>
        clock.after(ms, () => {
          if (over()) finish();
        }),
      );
    });
    socket.on("message", (data) => {
      const text = data.toString();
      const ms = sinceOpen();
      seen.messages++;
      seen.firstMs ??= ms;
      seen.lastMs = ms;
      const { say = [], understood } = read(text, ms);
      if (!understood) seen.unread++;
      const complaint = Complaint.safeParse(parsed(text));
      if (complaint.success) seen.complaint = complaint.data;
      for (const one of say) socket.send(one);
    });
    socket.on("error", (error) => {
      broken = error;
      if (!handshake) finish({ kind: "failed", ms: sinceStart(), ...reasonOf(error) });
    });
    socket.on("close", (code, reason) => {
      seen.end = {
        ms: sinceOpen(),
        code,
        reason: reason.toString() || (broken?.message ?? ""),
        isGarbled: broken !== undefined && told(broken).code.startsWith("WS_ERR_"),
      };
      finish({ kind: "failed", ms: sinceStart(), code: "CLOSED", message: "closed" });
    });
  });
}

/** `ws` tells these by their words alone. */
function reasonOf(error: Error): { code: string; message: string } {
  if (error.message === "Server sent no subprotocol") {
    return { code: NO_SUBPROTOCOL, message: error.message };
  }
  if (/Sec-WebSocket|Upgrade header|subprotocol/.test(error.message)) {
    return { code: "BAD_UPGRADE", message: error.message };
  }
  return told(error);
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
