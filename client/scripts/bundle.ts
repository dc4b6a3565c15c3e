import { build, type InlineConfig } from "vite";

export type Chunk = {
  fileName: string;
  code: string;
  /** The module that it was made for; null where several share it. */
  module: string | null;
  isEntry: boolean;
  /** Names of the files that it loads at once. */
  imports: readonly string[];
};

const PAGE = "virtual:page";

/**
 * What browsers load of a module, minified.
 * @param code the module, which imports by absolute paths
 * @param outside whether a module, by path or bare name, is left out
 * @param format `iife` makes one file, for a plain script tag
 */
export async function bundle(
  code: string,
  outside: (module: string) => boolean = () => false,
  format: "es" | "iife" = "es",
): Promise<Chunk[]> {
  const page = {
    name: "page",
    resolveId: (id: string) => (id === PAGE ? `\0${PAGE}` : undefined),
    load: (id: string) => (id === `\0${PAGE}` ? code : undefined),
  };
  const config: InlineConfig = {
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [page],
    build: {
      write: false,
      target: "es2022",
      // As a library: else Vite puts its preloader into the figures.
      lib: { entry: PAGE, formats: [format], name: "page" },
      rolldownOptions: {
        input: PAGE,
        external: (id) => outside(id),
        preserveEntrySignatures: false,
        // As applications minify: what is left for other bundlers to read is not loaded.
        output: {
          minify: true,
          comments: false,
          ...(format === "iife" ? { codeSplitting: false } : {}),
        },
      },
    },
  };
  const built = await build(config);
  const outputs = Array.isArray(built) ? built : [built];
  return outputs.flatMap((one) =>
    "output" in one
      ? one.output.flatMap((file) =>
          file.type === "chunk" ? { ...file, module: file.facadeModuleId } : [],
        )
      : [],
  );
}
