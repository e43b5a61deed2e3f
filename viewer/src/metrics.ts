// How wide text is in the drawing, and the fonts that it is set in.

export const serif = '"STIX Two Text", "Cambria", "Times New Roman", "Noto Serif CJK SC", "DejaVu Serif", serif';
export const sans = 'system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans", sans-serif';
export const mono = 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace';

const fonts = {
  name: `italic 17px ${serif}`,
  expression: `15px ${serif}`,
  value: `13px ${sans}`,
  label: `13px ${sans}`,
  symbol: `italic 14px ${serif}`,
  badge: `12px ${sans}`,
} as const;

export type Style = keyof typeof fonts;

let context: CanvasRenderingContext2D | null = null;
const known = new Map<string, number>();

export function width(text: string, style: Style): number {
  const key = `${style} ${text}`;
  let found = known.get(key);
  if (found === undefined) {
    context ??= document.createElement("canvas").getContext("2d")!;
    context.font = fonts[style];
    found = context.measureText(text).width;
    known.set(key, found);
  }
  return found;
}

/** Text of at most so many characters, with an ellipsis where some were left out. */
export function short(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
