import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Clock } from "../clock.ts";
import { refuseUpgrade, respond } from "./answers.ts";
import { type Fault, type FaultDetail, type FaultName, faultFacts } from "./faults.ts";
import { createPeer, type LinePeer } from "./peer.ts";
import { createTamper } from "./tamper.ts";
import type { Tape } from "./tape.ts";
import type { Exchange, Session, Venue, Visit } from "./venue.ts";

/** All that stands between one emulated exchange and its clients, and all that can go wrong there. */
export type Line = {
  /** Somebody asks for a WebSocket at `url`, relative to the exchange's own address. */
  upgrade(url: URL, request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** Somebody asks its REST API. */
  request(url: URL, request: IncomingMessage, response: ServerResponse): void;
  /** The market has moved on to `now`, ms. Where nobody listens, nobody trades either. */
  step(now: number): void;
  break(fault: Fault): void;
  mend(): void;
  state(): LineState;
  close(): void;
};

export type LineState = {
  /** What is wrong at the moment. */
  fault: FaultName | null;
  detail: FaultDetail;
  /** Open sockets, dead ones and waiting ones included. */
  connections: number;
};

/** As going away: what clients of Binance report of the cut at 24 hours. */
const GOING_AWAY = 1001;

/** @param name the first part of the exchange's paths */
export function createLine(name: Exchange, venue: Venue, tape: Tape, clock: Clock): Line {
  const server = new WebSocketServer({ noServer: true });
  const peers = new Map<LinePeer, Session>();
  const held = new Set<Duplex>();
  let fault: Fault | undefined;
  let tamper = createTamper(undefined);
  let cancelLater = () => {};

  const visitOf = (url: URL, { method = "GET", headers }: IncomingMessage): Visit => ({
    method,
    url,
    ws: `ws://${headers.host}/${name}`,
    authorization: headers.authorization,
  });
  const trade = (now: number) => {
    const ticks = tamper(tape.step(now), now);
    if (ticks.length > 0) venue.publish(ticks);
  };
  const door = () => fault && faultFacts(fault.name).door;
  const destroyAll = () => {
    for (const peer of [...peers.keys()]) peer.destroy();
    for (const connection of held) connection.destroy();
  };
  const end = (peer: LinePeer) => {
    peers.get(peer)?.end();
    peers.delete(peer);
  };
  /** Accepted, and never answered. */
  const hold = (connection: Duplex) => {
    held.add(connection);
    connection.on("close", () => held.delete(connection));
    connection.on("error", () => {});
    connection.on("end", () => connection.destroy());
    connection.resume();
  };
  const accept = (url: URL, request: IncomingMessage, connection: Duplex, head: Buffer) => {
    server.handleUpgrade(request, connection, head, (socket) => {
      const peer = createPeer(socket, connection, clock, () => fault);
      socket.on("error", () => {});
      socket.on("close", () => end(peer));
      // Nobody looked: what has been traded meanwhile is made up for when somebody comes.
      if (peers.size === 0) trade(clock.now());
      const denied = door() === "unauthorized";
      const session = denied ? { message() {}, end() {} } : venue.open(peer, visitOf(url, request));
      peers.set(peer, session);
      peer.listen(session);
      if (denied) venue.deny?.(peer);
    });
  };
  const refusal = (at: Fault | undefined) => {
    const way = at && faultFacts(at.name).door;
    if (!at || way === undefined || way === "refuse" || way === "hold") return undefined;
    const { status = venue.refusals[way].status } = faultFacts(at.name);
    return { ...venue.refusals[way], status, retryAfter: at.detail.seconds };
  };
  const mend = () => {
    const wasHeld = door() === "hold";
    fault = undefined;
    tamper = createTamper(undefined);
    cancelLater();
    if (wasHeld) destroyAll();
    for (const peer of peers.keys()) peer.hush(false);
  };
  const startShutdown = (seconds: number) => {
    const warned = [...peers.keys()];
    venue.announceShutdown?.();
    cancelLater = clock.after(seconds * 1000, () => {
      for (const peer of warned) peer.cut();
    });
  };
  const startQuiet = (seconds: number) => {
    const quiet = [...peers.keys()];
    for (const peer of quiet) peer.hush(true);
    cancelLater = clock.after(seconds * 1000, () => {
      for (const peer of quiet) peer.close(GOING_AWAY, "");
    });
  };
  const strike = ({ name, detail }: Fault) => {
    const { cuts, door: way } = faultFacts(name);
    const deny = way === "unauthorized" ? venue.deny : undefined;
    for (const peer of [...peers.keys()]) {
      if (deny) deny(peer);
      else if (cuts) peer.destroy();
      else if (way === "hold") peer.silence();
      else if (name === "cut-24h") peer.close(GOING_AWAY, "");
    }
    if (name === "server-shutdown") startShutdown(detail.seconds ?? 0);
    if (name === "quiet-close") startQuiet(detail.seconds ?? 0);
  };

  return {
    upgrade(url, request, connection, head) {
      const refused = refusal(fault);
      if (door() === "refuse") connection.destroy();
      else if (door() === "hold") hold(connection);
      else if (refused && !(door() === "unauthorized" && venue.deny)) {
        refuseUpgrade(connection, refused);
      } else if (!venue.accepts(url)) refuseUpgrade(connection, { status: 404, body: {} });
      else accept(url, request, connection, head);
    },
    request(url, request, response) {
      if (door() === "refuse") request.socket.destroy();
      else if (door() === "hold") hold(request.socket);
      else {
        respond(
          response,
          refusal(fault) ?? venue.answer(visitOf(url, request)) ?? { status: 404, body: {} },
        );
      }
    },
    step(now) {
      if (peers.size > 0) trade(now);
    },
    break(next) {
      mend();
      if (!faultFacts(next.name).once) {
        fault = next;
        tamper = createTamper(next);
      }
      strike(next);
    },
    mend,
    state: () => ({
      fault: fault?.name ?? null,
      detail: fault?.detail ?? {},
      connections: peers.size + held.size,
    }),
    close() {
      cancelLater();
      destroyAll();
      for (const peer of [...peers.keys()]) end(peer);
      venue.close();
      server.close();
    },
  };
}
