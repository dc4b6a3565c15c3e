import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { manualClock } from "../../src/clock.ts";
import { courteous, type Rest, RestError, rest } from "../../src/feed/link/rest.ts";

let server: Server;
let url: string;
let handle: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/?apiKey=secret`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it("hands out the body and its ETag, and tells a 304 from it", async () => {
  handle = ({ headers }, response) =>
    headers["if-none-match"] === 'W/"1"'
      ? response.writeHead(304).end()
      : response.setHeader("etag", 'W/"1"').end('{"a":1}');
  expect(await rest({ url })).toEqual({ body: { a: 1 }, unchanged: false, etag: 'W/"1"' });
  const again = await rest({ url, headers: { "if-none-match": 'W/"1"' } });
  expect(again).toMatchObject({ body: undefined, unchanged: true });
});

it.each([
  ["120", 120_000, 120_000],
  [new Date(Date.now() + 100_000).toUTCString(), 90_000, 100_000],
])("reads the Retry-After %s", async (header, least, most) => {
  handle = (_request, response) =>
    response.writeHead(429, header === undefined ? {} : { "Retry-After": header }).end("{}");
  const error = await rest({ url }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: "HTTP 429" });
  const { retryAfterMs } = error as { retryAfterMs: number };
  expect(retryAfterMs).toBeGreaterThanOrEqual(least);
  expect(retryAfterMs).toBeLessThanOrEqual(most);
});

it("says what is wrong without the URL, which may hold a key", async () => {
  handle = (_request, response) => response.end('[{"secret');
  await expect(rest({ url })).rejects.toThrow(/^the answer is no JSON$/);
  handle = (request) => request.socket.destroy();
  const error = await rest({ url }).catch(String);
  expect(error).not.toContain("secret");
});

it("waits as long as any of several requests at once was told to", async () => {
  const clock = manualClock(0);
  const answers: ((error: Error) => void)[] = [];
  const hanging: Rest = () => new Promise((_resolve, reject) => answers.push(reject));
  const ask = courteous(hanging, clock);
  const both = [ask({ url }), ask({ url })].map((answer) => answer.catch(String));
  answers[0]?.(new RestError("HTTP 429", 429, 60_000));
  answers[1]?.(new RestError("HTTP 500", 500));
  await Promise.all(both);
  clock.advanceTo(59_000);
  await expect(ask({ url })).rejects.toThrow("HTTP 429, 1 s to wait");
  expect(answers).toHaveLength(2);
});

it("ends a request that hangs when it is told to", async () => {
  handle = () => {};
  const stop = new AbortController();
  const answer = rest({ url, signal: stop.signal });
  stop.abort();
  await expect(answer).rejects.toThrow();
});
