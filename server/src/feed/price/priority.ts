import { inUsd, type Market } from "./market.ts";
import type { Desk, Policy } from "./policy.ts";

/**
 * One source speaks for an asset: the most preferred that may speak and is fresh there. Its ticks are
 * published as they come.
 */
export function createPriority(desk: Desk): Policy {
  const { names, failover, staleAfterMs, isUsable } = desk;
  const voices = names.map((source, index) => ({
    source,
    constituents: [source],
    agreeing: [index],
  }));

  const speak = (market: Market, now: number) => {
    const slot = market.slots[market.speaker];
    const voice = voices[market.speaker];
    if (!slot || !voice) return;
    const { source, constituents, agreeing } = voice;
    const { receivedAt, exchangeTime } = slot;
    const { price, quote, derived } = inUsd(slot);
    market.agreeing = agreeing;
    market.last = { value: slot.value, receivedAt };
    desk.publish({
      asset: market.asset,
      price,
      quote,
      source,
      constituents,
      derived,
      spread: undefined,
      thin: false,
      receivedAt,
      exchangeTime,
      change24h: desk.change24h(market, slot, now),
    });
  };

  const choose = (market: Market, now: number): number => {
    let onHold = -1;
    for (let i = 0; i < names.length; i++) {
      const slot = market.slots[i];
      if (!isUsable(slot, now)) continue;
      if (now - slot.freshSince > staleAfterMs) slot.yielded = false;
      const standing = failover.standing(i);
      if (standing === "speaking" && !slot.yielded) return i;
      if (standing !== "lost" && onHold < 0) onHold = i;
    }
    const { speaker } = market;
    const stays = failover.standing(speaker) !== "lost" && isUsable(market.slots[speaker], now);
    return stays || onHold < 0 ? speaker : onHold;
  };

  const decide = (market: Market, now: number) => {
    const chosen = choose(market, now);
    if (chosen === market.speaker) return;
    const previous = market.slots[market.speaker];
    if (previous && now - previous.receivedAt > staleAfterMs) previous.yielded = true;
    market.speaker = chosen;
    speak(market, now);
  };

  return {
    admitted(market, index, now) {
      if (market.speaker === index && market.slots[index]?.matched) speak(market, now);
      else if (market.speaker < 0 || market.speaker === index) decide(market, now);
    },
    decide,
  };
}
