import { afterEach, expect, it, vi } from "vitest";
import { fakeStream, hello, update } from "./fakes.ts";

afterEach(() => vi.unstubAllGlobals());

/** A stream that has come to server-sent events; `refusal`: of each request. */
async function sseStream(assets: string[], refusal?: () => Response) {
  const asked: (string | null)[] = [];
  let send: (message: object) => void = () => {};
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(new URL(url).searchParams.get("assets"));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (message) =>
          controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
      },
    });
    return refusal?.() ?? new Response(body);
  });
  const fake = fakeStream({ assets });
  fake.server().ends();
  fake.stream.retry();
  const comesTo = (name: string) =>
    vi.waitFor(() => expect(fake.stream.diagnostics().transport).toBe(name), { interval: 1 });
  await comesTo("plain");
  await vi.waitFor(() => expect(fake.server().offered).toEqual([]), { interval: 1 });
  fake.server().ends();
  fake.stream.retry();
  await vi.waitFor(() => expect(asked.length).toBe(1), { interval: 1 });
  return { ...fake, asked, send: (message: object) => send(message) };
}

const until = (check: () => void) => vi.waitFor(check, { interval: 1 });

it("asks anew for a subscriber that came while the first answer was under way", async () => {
  const { stream, clock, asked, send } = await sseStream(["bitcoin"]);
  send(hello());
  stream.subscribe("ethereum", () => {});
  clock.advance(200);
  send(update({ bitcoin: "1" }));
  await until(() => expect(stream.status.state).toBe("live"));
  clock.advance(200);
  await until(() => expect(asked).toEqual(["bitcoin", "bitcoin,ethereum"]));
  stream.close();
});

it("shows nothing that is not asked for, though the server sends it", async () => {
  const { stream, asked, send } = await sseStream([]);
  send(hello());
  send(update({ bitcoin: "1", ethereum: "2" }));
  await until(() => expect(stream.diagnostics().messages).toBe(2));
  expect(asked).not.toContain("*");
  expect([...stream.all()]).toEqual([]);
  expect(stream.status).toMatchObject({
    state: "stale",
    reason: "Connected; no asset is asked for.",
  });
  stream.close();

  const long = Array.from({ length: 200 }, (_, n) => `bitcoin-${n}-with-a-long-name`);
  const other = await sseStream(["bitcoin", ...long]);
  other.send(hello());
  other.send(update({ bitcoin: "1", ethereum: "2" }));
  await until(() => expect(other.stream.status.state).toBe("live"));
  expect(other.asked).toEqual(["*"]);
  expect([...other.stream.all().keys()]).toEqual(["bitcoin"]);
  other.stream.close();
});

it.each([
  ["token_missing", "failed"],
  ["token_refused", "failed"],
  ["token_expired", "reconnecting"],
])("takes a refusal (%s) for what it is over WebSocket: %s", async (code, state) => {
  const refusal = () =>
    Response.json({ error: { code, message: "No such token." } }, { status: 401 });
  const { stream } = await sseStream(["bitcoin"], refusal);
  await until(() => expect(stream.diagnostics().lastError).toContain("No such token."));
  expect(stream.status.state).toBe(state);
  stream.close();
});
