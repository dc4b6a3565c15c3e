import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import type { Random } from "../../src/emulator/random.ts";
import { type Checked, checkList, checkMessage } from "./contract.ts";
import type { Judge } from "./judge.ts";

/** What clients need to find the gateway, and to complain. */
export type Desk = {
  port: number;
  judge: Judge;
  slackMs(): number;
  accuse(what: string): void;
  /** Ends what runs by itself. */
  signal: AbortSignal;
};

/** An update is due each second; so long after the last one it is missing, ms. */
const MISSING_MS = 2500;

export type Viewer = {
  /** Complains if updates stay away that somebody could have had. */
  look(): void;
  /** Whether it was told of a stale stream since `time`. */
  toldStaleSince(time: number): boolean;
  messages(): number;
  close(): void;
};

/** A client of `/ws/prices` that stays for the whole run. */
export function openViewer(name: string, desk: Desk): Viewer {
  const see = desk.judge.viewer(name);
  let heardAt = Date.now();
  let staleAt = 0;
  let messages = 0;
  const socket = openSocket(name, "/ws/prices", desk, (message) => {
    messages++;
    if (message.type === "price_update") {
      heardAt = Date.now();
      see(message);
    }
    if (message.type === "status" && message.state === "stale") staleAt = Date.now();
  });
  return {
    look() {
      const now = Date.now();
      if (now - heardAt <= MISSING_MS + desk.slackMs() || !desk.judge.owesUpdates(heardAt)) return;
      desk.accuse(`${name}: no update for ${now - heardAt} ms, though an exchange is well`);
    },
    toldStaleSince: (time) => staleAt >= time,
    messages: () => messages,
    close: socket.close,
  };
}

/** A client of one asset that stays for the whole run. */
export function openSingle(asset: string, desk: Desk) {
  const name = `/ws/prices/${asset}`;
  return openSocket(name, name, desk, (message) => {
    if (message.type === "price") desk.judge.single(name, message);
  });
}

/** Clients that come, ask, and go, some without a word. */
export async function comeAndGo(rng: Random, assets: readonly string[], desk: Desk) {
  const questions = ["ping", "{", '{"type":"get_status"}', '{"type":"get_price","symbol":"BTC"}'];
  for (let n = 0; !desk.signal.aborted; n++) {
    const asset = assets[Math.floor(rng.next() * assets.length)];
    const path = rng.next() < 0.5 ? "/ws/prices" : `/ws/prices/${asset}`;
    const name = `visitor ${n}`;
    const see = desk.judge.viewer(name);
    const socket = openSocket(name, path, desk, (message) => {
      if (message.type === "price_update") see(message);
      if (message.type === "price") desk.judge.single(name, message);
    });
    await pause(100 + rng.next() * 1500, desk.signal);
    const question = questions[n % questions.length];
    if (question) socket.ask(question);
    await pause(rng.next() * 500, desk.signal);
    if (rng.next() < 0.5) socket.close();
    else socket.terminate();
  }
}

/** Looks at the gateway over HTTP, twice a second. */
export async function poll(desk: Desk) {
  const url = `http://127.0.0.1:${desk.port}`;
  const get = async (path: string, allowed: readonly number[]) => {
    const response = await fetch(`${url}${path}`);
    if (!allowed.includes(response.status)) desk.accuse(`${path} answers ${response.status}`);
    return { ok: response.ok, text: await response.text() };
  };
  let isReady = false;
  while (!desk.signal.aborted) {
    try {
      await get("/livez", [200]);
      // From the first price on, whatever becomes of the exchanges.
      isReady = (await get("/readyz", isReady ? [200] : [200, 503])).ok;
      await get("/health", [200, 503]);
      desk.judge.list("/api/prices", checkList((await get("/api/prices", [200])).text));
    } catch (error) {
      desk.accuse(`over HTTP: ${error}`);
    }
    await pause(500, desk.signal);
  }
}

function openSocket(
  name: string,
  path: string,
  { port, accuse }: Desk,
  see: (message: Checked) => void,
) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  let over = false;
  socket.on("message", (data) => {
    if (over) return;
    try {
      see(checkMessage(data.toString()));
    } catch (error) {
      accuse(`${name}: out of contract: ${error}: ${data.toString().slice(0, 200)}`);
    }
  });
  socket.on("error", (error) => {
    if (!over) accuse(`${name}: ${error.message}`);
  });
  socket.on("close", (code, reason) => {
    if (!over) accuse(`${name}: closed with ${code} ${reason}`);
  });
  return {
    ask(text: string) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      over = true;
      socket.close();
    },
    terminate() {
      over = true;
      socket.terminate();
    },
  };
}

/** Ends early, without an error, when `signal` says so. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
