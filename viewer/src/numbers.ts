// Numbers as the page shows them.

import type { ArrayDocument, Entry, Numbers, Real } from "./program";

export type Cell = number | [number, number];

export function real(value: Real | boolean | string | null): number {
  if (typeof value === "number") return value;
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  if (value === null || value === "nan") return NaN;
  return Number(value);
}

export function cell(entry: Entry): Cell {
  return Array.isArray(entry) ? [real(entry[0]), real(entry[1])] : real(entry);
}

export function cells(array: ArrayDocument): Cell[] {
  return array.values.map(cell);
}

export function modulus(value: Cell): number {
  return Array.isArray(value) ? Math.hypot(value[0], value[1]) : value;
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const subscripts = "₀₁₂₃₄₅₆₇₈₉";

export function subscript(n: number): string {
  return [...String(n)].map((digit) => subscripts[Number(digit)] ?? digit).join("");
}

function superscript(n: number): string {
  return [...String(n)].map((digit) => (digit === "-" ? "⁻" : superscripts[Number(digit)])).join("");
}

/** Four significant digits, without trailing zeros; powers of ten beyond 10⁶ and below 10⁻⁴. */
export function shown(value: Cell | null, digits = 4): string {
  if (value === null) return "–";
  if (Array.isArray(value)) {
    const [re, im] = value;
    const sign = im < 0 || Object.is(im, -0) ? "−" : "+";
    return `${shown(re, digits)} ${sign} ${shown(Math.abs(im), digits)}i`;
  }
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "";
  const amount = Math.abs(value);
  const exponent = Math.floor(Math.log10(Number(amount.toPrecision(digits))));
  if (exponent >= 6 || exponent < -4) {
    const mantissa = trimmed((amount / 10 ** exponent).toPrecision(digits));
    return `${sign}${mantissa}×10${superscript(exponent)}`;
  }
  if (Number.isInteger(amount)) return sign + String(amount);
  return sign + trimmed(amount.toFixed(Math.max(0, digits - 1 - exponent)));
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A number with all its digits, as one would paste it into code. */
export function exact(value: Cell): string {
  if (Array.isArray(value)) return `${exact(value[0])}${value[1] < 0 ? "" : "+"}${exact(value[1])}j`;
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

export function isScalar(numbers: Numbers): boolean {
  return numbers.shape.length === 0;
}

export function scalar(numbers: Numbers | null): Cell | null {
  if (numbers === null || numbers.values === null || numbers.values.values.length !== 1) return null;
  return cell(numbers.values.values[0]);
}

export function shapeText(shape: number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

const NORM = "‖·‖ ";

/** An array on one line: its number, its few entries, or its length. */
export function brief(numbers: Numbers, most = 4): string {
  const values = numbers.values;
  if (isScalar(numbers)) return values === null ? shown(real(numbers.norm)) : shown(cell(values.values[0]));
  if (values !== null && values.values.length <= most && numbers.shape.length === 1) {
    return `[${cells(values)
      .map((value) => shown(value, 3))
      .join(" ")}]`;
  }
  if (numbers.nonfinite > 0) return `${numbers.nonfinite} × nan/∞`;
  return `${NORM}${shown(real(numbers.norm), 3)}`;
}

/** A name and what it stands for; of a large array the norm, in the same signs: `‖w̄‖ 0.31`. */
export function named(name: string, numbers: Numbers, between = " "): string {
  const text = brief(numbers);
  return text.startsWith(NORM) ? `‖${name}‖${between}${text.slice(NORM.length)}` : `${name}${between}${text}`;
}

/** The sum of arrays of one shape; null where not all of their entries are there, or some are complex. */
export function added(terms: Numbers[]): Numbers | null {
  const entries = terms.map((term) => (term.values === null ? null : cells(term.values)));
  const values: number[] = new Array<number>(entries[0]?.length ?? 0).fill(0);
  for (const array of entries) {
    if (array === null || array.some((value) => Array.isArray(value))) return null;
    (array as number[]).forEach((value, k) => (values[k] += value));
  }
  const finite = values.filter(Number.isFinite);
  const { shape, dtype } = terms[0];
  return {
    shape,
    dtype,
    values: { shape, dtype, values },
    least: finite.length > 0 ? finite.reduce((a, b) => Math.min(a, b)) : null,
    greatest: finite.length > 0 ? finite.reduce((a, b) => Math.max(a, b)) : null,
    norm: Math.hypot(...finite),
    nonfinite: values.length - finite.length,
    zeros: values.filter((value) => value === 0).length,
  };
}

/** A count, exact up to six digits. */
export function count(n: number | string): string {
  const digits = String(n);
  if (digits.length <= 6) return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return `${digits[0]}.${digits[1]}×10${superscript(digits.length - 1)}`;
}

export function seconds(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 1) return `${shown(value, 3)} s`;
  if (value >= 1e-3) return `${shown(value * 1e3, 3)} ms`;
  return `${shown(value * 1e6, 3)} µs`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${shown(value, 3)} ${units[unit]}`;
}

/** The name of the result's derivative by a value: a bar over a letter, a nabla before a longer name. */
export function bar(name: string): string {
  return isLetter(name) ? accented(name, "\u0304") : `∇${name}`;
}

/** A letter, perhaps with a number. */
export function isLetter(name: string): boolean {
  const [letter, ...rest] = [...name];
  return letter !== undefined && /\p{L}/u.test(letter) && rest.every((each) => /[0-9₀-₉,…]/.test(each));
}

function accented(name: string, accent: string): string {
  const [letter, ...rest] = [...name];
  return `${letter}${accent}${rest.join("")}`.normalize("NFC");
}

/** The name of the derivative along the direction. */
export function dot(name: string): string {
  return isLetter(name) ? accented(name, "\u0307") : `d${name}`;
}

/** The product of a matrix, by its rows, with a vector; real numbers only. */
export function times(matrix: number[], rows: number, columns: number, vector: number[]): number[] {
  return Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) if (matrix[i * columns + j] !== 0) sum += matrix[i * columns + j] * vector[j];
    return sum;
  });
}

export function transposed(matrix: number[], rows: number, columns: number): number[] {
  const result = new Array<number>(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j];
  return result;
}
