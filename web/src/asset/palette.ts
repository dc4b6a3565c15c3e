import { ColorType } from "lightweight-charts";

type Palette = ReturnType<typeof readPalette>;

/** The theme's colours as the library can read them. */
export function readPalette(host: HTMLElement) {
  const probe = document.createElement("i");
  host.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    up: read("up"),
    down: read("down"),
    flat: read("quiet"),
    text: read("quiet"),
    line: read("line"),
    edge: read("edge"),
    font: getComputedStyle(host).fontFamily,
  };
  probe.remove();
  return palette;
}

/** Options of a chart in these colours; what is behind it shines through. */
export const chartColours = ({ text, line, edge, font }: Palette) => ({
  layout: {
    background: { type: ColorType.Solid, color: "transparent" },
    textColor: text,
    fontFamily: font,
    fontSize: 11,
  },
  grid: { horzLines: { color: line } },
  crosshair: {
    horzLine: { color: edge, labelBackgroundColor: text },
    vertLine: { color: edge, labelBackgroundColor: text },
  },
});

/** @param rgb as computed styles have it: `rgb(1, 2, 3)` */
export const fade = (rgb: string, alpha: number): string =>
  rgb.replace(/^rgb\((.+)\)$/, `rgba($1, ${alpha})`);
