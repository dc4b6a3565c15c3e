import "./icon.css";

/** A disc with the first letters of the symbol, in a hue that is always the same for one symbol. */
export function Icon({ symbol }: { symbol: string }) {
  const letters = symbol.slice(0, symbol.length > 3 ? 1 : 3);
  return (
    <svg className="icon" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="16" fill={`hsl(${hueOf(symbol)} 55% 42%)`} />
      <text x="16" y="16" dy="0.36em" textAnchor="middle" fontSize={letters.length > 1 ? 10 : 15}>
        {letters}
      </text>
    </svg>
  );
}

function hueOf(symbol: string): number {
  let hash = 7;
  for (const letter of symbol) hash = (hash * 31 + letter.charCodeAt(0)) % 3600;
  return hash / 10;
}
