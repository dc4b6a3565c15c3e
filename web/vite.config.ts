import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { contentSecurityPolicy } from "./csp.ts";

/**
 * The script that draws the page is asked for along with the one that connects, and not by it. It is only
 * fetched: `modulepreload` would compile it too, before the page has connected.
 */
const preloadPage: Plugin = {
  name: "preload-page",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle = {} }) =>
      Object.values(bundle)
        .filter((file) => file.type === "chunk" && file.name === "page")
        .map(({ fileName }) => ({
          tag: "link",
          attrs: { rel: "preload", as: "script", crossorigin: true, href: `/${fileName}` },
          injectTo: "head",
        })),
  },
};

export default defineConfig({
  plugins: [react(), preloadPage, contentSecurityPolicy()],
  logLevel: "warn",
  build: { cssCodeSplit: false, license: { fileName: "licences.md" } },
});
