import { createPriceStream } from "./client.ts";
import { createView } from "./widget/view.ts";

/**
 * `<price-ticker url="…" assets="bitcoin,ETH" interval="1000">`: live prices in a page without any
 * other script. `url` may be relative to the page, `interval` (ms) left out. Changed attributes
 * count at once; out of the page it is not connected.
 */
class PriceTicker extends (globalThis.HTMLElement ?? Object) {
  static observedAttributes = ["url", "assets", "interval"];
  readonly #root = this.attachShadow({ mode: "open" });
  #isDue = false;
  #end = () => {};

  connectedCallback() {
    this.#renew();
  }

  disconnectedCallback() {
    this.#renew();
  }

  attributeChangedCallback() {
    this.#renew();
  }

  /** Once for all that changes in one go, moving the element within the page included. */
  #renew() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#end();
      this.#end = this.isConnected ? show(this, this.#root) : () => {};
    });
  }
}

/** @returns the undo */
function show(element: Element, root: ShadowRoot): () => void {
  const url = element.getAttribute("url")?.trim();
  const interval = element.getAttribute("interval")?.trim();
  const assets = (element.getAttribute("assets") ?? "").split(",").map((name) => name.trim());
  const names = [...new Set(assets)].filter(Boolean);
  const view = createView(root, names);
  if (!url) view.fail('The attribute "url" is missing: the address of the price stream.');
  else if (names.length === 0) view.fail('The attribute "assets" is missing: "bitcoin,ETH".');
  else {
    try {
      const stream = createPriceStream({
        url,
        assets: names,
        interval: interval ? Number(interval) : undefined,
      });
      for (const name of names) stream.subscribe(name, (price) => view.price(name, price));
      stream.onStatus((status) => view.status(status, stream.retry));
      view.status(stream.status, stream.retry);
      return stream.close;
    } catch (error) {
      view.fail(error instanceof Error ? error.message : String(error));
    }
  }
  return () => {};
}

// A second script tag does no harm, nor does a server that renders the page.
if (globalThis.customElements && !customElements.get("price-ticker")) {
  customElements.define("price-ticker", PriceTicker);
}
