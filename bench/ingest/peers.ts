import { type Contender, same } from "./contender.ts";
import type { Workload } from "./workloads.ts";

/** Names in variables: the project is type-checked without these packages. */
const CCXT: string = "ccxt";
const TARDIS: string = "tardis-dev/dist/mappers/coinbase.js";

/** What is used of ccxt. */
type Ccxt = { pro: Record<"binance" | "coinbaseexchange", new (config: object) => CcxtExchange> };
type CcxtExchange = {
  tickers: Record<string, { last: number }>;
  /** Its one way to HTTP. */
  fetch(url: string): Promise<unknown>;
  loadMarkets(): Promise<unknown>;
  /** The socket client of an address, not connected yet. */
  client(url: string): { onMessage(event: { data: string }): void };
};

/** What is used of tardis-dev. */
type Tardis = {
  coinbaseBookTickerMapper: {
    canHandle(message: unknown): boolean;
    map(message: unknown, localTimestamp: Date): Iterable<{ bidPrice?: number }>;
  };
};

/** ccxt's own exchange and socket client, which is handed the frames as by its socket. */
export async function ccxt({ exchange, list, told }: Workload): Promise<Contender> {
  const { default: library }: { default: Ccxt } = await import(CCXT);
  const { id, url } = CCXT_EXCHANGES[exchange];
  const peer = new library.pro[id]({ options: { fetchMarkets: { types: ["spot"] } } });
  peer.fetch = async (address) => (/exchangeInfo|products/.test(address) ? list : []);
  await peer.loadMarkets();
  const client = peer.client(url);

  return {
    name: "ccxt",
    key: "ccxt",
    computes: "JSON.parse, then its unified ticker of each symbol, all numbers as floats",
    take: ({ text }) => client.onMessage({ data: text }),
    prove() {
      const tickers = Object.values(peer.tickers);
      same(
        "ccxt",
        tickers.map(({ last }) => last),
        [...told.values()],
      );
    },
  };
}

const CCXT_EXCHANGES = {
  binance: { id: "binance", url: "wss://stream.binance.com:9443/ws/!miniTicker@arr" },
  coinbase: { id: "coinbaseexchange", url: "wss://ws-feed.exchange.coinbase.com" },
} as const;

/** tardis-dev's mapper of Coinbase's ticker. */
export async function tardis(): Promise<Contender> {
  const { coinbaseBookTickerMapper: mapper }: Tardis = await import(TARDIS);
  let bids: number[] = [];

  return {
    name: "tardis-dev",
    key: "tardis",
    computes: "JSON.parse, then its book_ticker: best bid and ask as floats, two dates",
    take({ text, at }) {
      const message: unknown = JSON.parse(text);
      if (!mapper.canHandle(message)) return;
      for (const { bidPrice } of mapper.map(message, new Date(at))) bids.push(bidPrice ?? 0);
    },
    prove(round) {
      const due = round.map(({ text }) => Number(JSON.parse(text).best_bid));
      same("tardis-dev", bids, due);
      bids = [];
    },
  };
}
