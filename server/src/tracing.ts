import { type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { reasonOf } from "./errors.ts";
import type { Dial } from "./feed/link/dial.ts";
import { type Rest, RestError } from "./feed/link/rest.ts";

/**
 * Goes to the OpenTelemetry SDK that was loaded before the gateway; without one, nothing is recorded.
 * Only where the gateway waits for others: prices on their way are counted by metrics.
 */
const tracer = trace.getTracer("price-stream");

/** Each connecting to an exchange as a span, from the dial until the connection stands. */
export const tracedDial =
  (dial: Dial): Dial =>
  (url, events) => {
    const span = begin("connect", url);
    const socket = dial(url, {
      ...events,
      opened() {
        span.end();
        events.opened();
      },
      refused(status, retryAfterMs) {
        span.setAttribute("http.response.status_code", status);
        fail(span, `HTTP ${status}`);
        events.refused(status, retryAfterMs);
      },
      closed(reason) {
        if (span.isRecording()) fail(span, reason);
        events.closed(reason);
      },
    });
    return {
      send: socket.send,
      destroy() {
        span.end();
        socket.destroy();
      },
    };
  };

/** Each question to a REST API as a span. */
export const tracedRest =
  (rest: Rest): Rest =>
  async (request) => {
    const span = begin(request.method ?? "GET", request.url);
    try {
      return await rest(request);
    } catch (error) {
      if (error instanceof RestError) span.setAttribute("http.response.status_code", error.status);
      fail(span, reasonOf(error));
      throw error;
    } finally {
      span.end();
    }
  };

/** Names the host alone: the rest of an address may hold a key. */
function begin(what: string, url: string): Span {
  const host = URL.canParse(url) ? new URL(url).host : "?";
  return tracer.startSpan(`${what} ${host}`, {
    kind: SpanKind.CLIENT,
    attributes: { "server.address": host },
  });
}

function fail(span: Span, message: string) {
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}
