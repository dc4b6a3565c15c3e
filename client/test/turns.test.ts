import { expect, it } from "vitest";
import { better, turnAt } from "../src/turns.ts";

const turns = (worked?: "v1" | "plain" | "sse") =>
  Array.from({ length: 9 }, (_, failures) => turnAt(failures, worked)).join(" ");

it("tries one way after the other until one works", () => {
  expect(turns()).toBe("v1 plain sse v1 plain sse v1 plain sse");
});

it("tries what has worked before the others, and more often", () => {
  expect(turns("v1")).toBe("v1 v1 plain v1 v1 sse v1 v1 plain");
  expect(turns("sse")).toBe("sse sse v1 sse sse plain sse sse v1");
});

it("remembers the best that has worked, not the last", () => {
  expect(better("plain", "v1")).toBe("v1");
  expect(better("v1", "sse")).toBe("v1");
  expect(better("sse", undefined)).toBe("sse");
});
