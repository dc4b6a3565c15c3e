import { createKept, useKept } from "../kept.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** `index.html` reads it too, before anything is drawn. */
const kept = createKept(
  "theme",
  (stored): Theme => THEMES.find((theme) => theme === stored) ?? "system",
);

const show = () => {
  document.documentElement.dataset.theme = kept.get();
};
show();
kept.subscribe(show);

/** The theme, and what changes it: to the next of system, light, dark. */
export function useTheme(): [Theme, () => void] {
  const theme = useKept(kept);
  return [theme, () => kept.set(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system")];
}
