import type { PriceStream } from "@cryptovault/price-stream";
import { useStreamStatus } from "@cryptovault/price-stream/react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { AssetSkeleton } from "./asset/asset-skeleton.tsx";
import { AssetPage } from "./asset-page.tsx";
import { type Assets, findAsset, type KnownAssets } from "./assets.ts";
import { DemoPanel } from "./demo/demo-panel.tsx";
import type { ConnectionLog } from "./diagnostics/connection-log.ts";
import { Header } from "./header/header.tsx";
import { Search } from "./header/search.tsx";
import { Market } from "./market/market.tsx";
import { Skeleton } from "./market/skeleton.tsx";
import { Message } from "./message.tsx";
import { type Route, useRoute } from "./route.ts";
import { Announcer } from "./status/announcer.tsx";
import { Notice } from "./status/notice.tsx";
import { useSigns } from "./status/signs.ts";
import { Ticker } from "./ticker/ticker.tsx";
import { useMedia } from "./use-media.ts";
import "./app.css";

type AppProps = { stream: PriceStream; log: ConnectionLog; known: KnownAssets };

export function App({ stream, log, known }: AppProps) {
  const { label, source } = useStreamStatus();
  const route = useRoute();
  const assets = useSyncExternalStore(known.subscribe, known.get);
  const main = useRef<HTMLElement>(null);
  const isWide = useMedia("(min-width: 760px)");
  const opened = route.view === "asset" ? route.asset : undefined;
  useSigns(opened && assets ? findAsset(assets, opened) : undefined);
  useOpening(main, opened);

  const search = <Search route={route} />;
  return (
    <div className="app" data-label={label}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the prices
      </button>
      <Ticker assets={assets} />
      <Header log={log}>{isWide && search}</Header>
      <div className="page">
        <main ref={main} tabIndex={-1}>
          <View stream={stream} assets={assets} route={route}>
            {!isWide && search}
          </View>
        </main>
        {label === "demo" && <DemoPanel speaker={source} />}
      </div>
      <Notice />
      <Announcer />
    </div>
  );
}

type ViewProps = {
  stream: PriceStream;
  assets: Assets | undefined;
  route: Route;
  children: React.ReactNode;
};

function View({ stream, assets, route, children }: ViewProps) {
  const { state } = useStreamStatus();
  if (!assets) {
    if (state !== "failed") return route.view === "asset" ? <AssetSkeleton /> : <Skeleton />;
    return (
      <Message title="No prices yet">
        <p>They come as soon as the price stream can be reached.</p>
        <button type="button" onClick={stream.retry}>
          Retry
        </button>
      </Message>
    );
  }
  if (route.view === "asset") return <AssetPage assets={assets} name={route.asset} />;
  return (
    <Market stream={stream} assets={assets} route={route}>
      {children}
    </Market>
  );
}

/** An asset that is opened begins at its top, and has the focus. Not when the page begins with it. */
function useOpening(main: React.RefObject<HTMLElement | null>, opened: string | undefined) {
  const last = useRef(opened);
  useEffect(() => {
    if (last.current === opened) return;
    last.current = opened;
    if (opened === undefined) return;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [main, opened]);
}
