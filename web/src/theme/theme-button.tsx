import { type Theme, useTheme } from "./theme.ts";

/** From the system's theme to light, to dark, and back. */
export function ThemeButton() {
  const [theme, next] = useTheme();
  const label = `Theme: ${theme}`;
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={next}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d={DRAWINGS[theme]} />
      </svg>
    </button>
  );
}

/** Half a disc, a sun, a moon. */
const DRAWINGS: Readonly<Record<Theme, string>> = {
  system: "M10 3.5a6.5 6.5 0 1 0 0 13zM10 3.5a6.5 6.5 0 0 1 0 13",
  light:
    "M10 6.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4M10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M4.5 15.5l1.1-1.1M14.4 5.6l1.1-1.1",
  dark: "M16.2 11.9A6.6 6.6 0 0 1 8.1 3.8a6.6 6.6 0 1 0 8.1 8.1z",
};
