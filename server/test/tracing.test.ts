import { SpanStatusCode, trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeEach, expect, it } from "vitest";
import type { SocketEvents } from "../src/feed/link/dial.ts";
import { RestError } from "../src/feed/link/rest.ts";
import { tracedDial, tracedRest } from "../src/tracing.ts";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
afterAll(() => provider.shutdown());
beforeEach(() => exporter.reset());

const URL_WITH_KEY = "wss://wss.exchange.example/v1/prices?apiKey=hunter2";

function dialled() {
  let events: SocketEvents | undefined;
  const heard: string[] = [];
  const socket = tracedDial((_url, given) => {
    events = given;
    return { send() {}, destroy: () => heard.push("destroyed") };
  })(URL_WITH_KEY, {
    opened: () => heard.push("opened"),
    text: (frame) => heard.push(frame),
    refused: (status) => heard.push(`refused ${status}`),
    closed: (reason) => heard.push(`closed ${reason}`),
  });
  if (!events) throw new Error("nothing was dialled");
  return { socket, events, heard };
}

it("is a span from the dial until the connection stands, and passes on what happens", () => {
  const { events, heard } = dialled();
  expect(exporter.getFinishedSpans()).toHaveLength(0);
  events.opened();
  events.text("frame");
  events.closed("gone");
  expect(heard).toEqual(["opened", "frame", "closed gone"]);
  const [span, ...others] = exporter.getFinishedSpans();
  expect(others).toEqual([]);
  expect(span?.name).toBe("connect wss.exchange.example");
  expect(span?.status.code).toBe(SpanStatusCode.UNSET);
});

it.each<[string, (events: SocketEvents) => void, string]>([
  ["is refused", (events) => events.refused(451, undefined), "HTTP 451"],
  ["never comes to be", (events) => events.closed("connection refused"), "connection refused"],
])("tells why a connection %s", (_what, happen, message) => {
  happen(dialled().events);
  const [span] = exporter.getFinishedSpans();
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message });
});

it("ends with an attempt that is given up", () => {
  const { socket, heard } = dialled();
  socket.destroy();
  expect(heard).toEqual(["destroyed"]);
  expect(exporter.getFinishedSpans()).toHaveLength(1);
});

it("is a span for each question to a REST API, with the status of a refusal", async () => {
  const url = "https://api.exchange.example/assets?key=hunter2";
  const answer = { body: 1, unchanged: false, etag: undefined };
  expect(await tracedRest(async () => answer)({ url })).toBe(answer);
  const refuse = tracedRest(async () => {
    throw new RestError("HTTP 429", 429);
  });
  await expect(refuse({ url, method: "POST" })).rejects.toThrow("HTTP 429");
  const [first, second] = exporter.getFinishedSpans();
  expect([first?.name, first?.status.code]).toEqual([
    "GET api.exchange.example",
    SpanStatusCode.UNSET,
  ]);
  expect(second).toMatchObject({
    name: "POST api.exchange.example",
    attributes: { "http.response.status_code": 429 },
    status: { code: SpanStatusCode.ERROR, message: "HTTP 429" },
  });
});

it("has no key in it", async () => {
  dialled().events.opened();
  await tracedRest(async () => ({ body: 1, unchanged: false, etag: undefined }))({
    url: URL_WITH_KEY.replace("wss", "https"),
  });
  for (const { name, attributes } of exporter.getFinishedSpans()) {
    expect(JSON.stringify({ name, attributes })).not.toContain("hunter2");
  }
});
