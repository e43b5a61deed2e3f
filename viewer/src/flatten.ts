// A tensor edge, flattened: the input's grid becomes a vector, the Jacobian a matrix, and what the pull gives is
// reshaped back; and the pull as the code does it.

import { cells, modulus, real, shown, times, transposed } from "./numbers";
import { element } from "./elements";
import type { ArrayDocument, Edge, Index } from "./program";
import { size } from "./program";

export interface Pull {
  /** `G @ B.T` */
  text: string;
  /** What that gives, in row-major order; null if it is not computed here. */
  values: number[] | null;
}

export function reals(array: ArrayDocument): number[] {
  return cells(array).map((value) => (Array.isArray(value) ? value[0] : value));
}

/** The name of a matrix's transpose: B for Bᵀ, A.T for A. */
function transposedName(symbol: string): string {
  const bare = symbol.replace(/(ᵀ|\.T|\^T)$/, "");
  return bare !== symbol ? bare : `${/^[\w]+$/.test(symbol) ? symbol : `(${symbol})`}.T`;
}

function isIdentity(array: ArrayDocument): boolean {
  const [rows, columns] = array.shape;
  return rows === columns && reals(array).every((value, k) => value === (Math.floor(k / columns) === k % columns ? 1 : 0));
}

/** How code pulls back through an edge without its Jacobian; `cotangent` is the adjoint of the target. */
export function asUsed(index: Index, edge: Edge, cotangent: number[]): Pull {
  const { jacobian } = edge;
  const { structure, symbol, in_shape: inShape, out_shape: outShape, factors, entries } = jacobian;
  const rows = size(outShape);
  const columns = size(inShape);
  const matrix = entries === null ? null : reals(entries);
  const dense = matrix === null ? null : times(transposed(matrix, rows, columns), columns, rows, cotangent);
  const source = index.program.nodes[edge.source].name;
  if (structure === "kronecker" && factors.length === 2) return kroneckerPull(factors, cotangent);
  if (structure === "identity") return { text: "G", values: [...cotangent] };
  if (structure === "zero") return { text: `zeros(${source}.shape)`, values: new Array<number>(columns).fill(0) };
  if (structure === "diagonal") {
    // A diagonal that is repeated along some axes is what code broadcasts.
    const bare = /^(?:I[₀-₉]+ ⊗ )?diag\((.*)\)(?: ⊗ I[₀-₉]+)?$/.exec(symbol)?.[1] ?? symbol;
    const values = matrix === null ? null : cotangent.map((value, k) => value * matrix[k * columns + k]);
    return { text: `G * ${/[+\-−]/.test(bare) ? `(${bare})` : bare}`, values: rows === columns ? values : null };
  }
  if (structure === "ones") return { text: `full(${source}.shape, G)`, values: new Array<number>(columns).fill(cotangent[0]) };
  if (structure === "broadcast") return { text: columns === 1 ? "sum(G)" : "sum(G, axes)", values: columns === 1 ? [cotangent.reduce((a, b) => a + b, 0)] : dense };
  if (structure === "selection" || structure === "permutation") return { text: `G, ${structure}ᵀ`, values: dense };
  // What has a free place is no matrix that code could transpose.
  const name = symbol === "" || symbol.includes("·") ? "J" : symbol;
  return { text: `${/^[\p{L}\w]+$/u.test(name) ? name : `(${name})`}.T @ G`, values: dense };
}

/** J = P ⊗ Q and row-major vectors: the pull of G is Pᵀ G Q. */
function kroneckerPull(factors: [string, ArrayDocument][], cotangent: number[]): Pull {
  const [[leftName, left], [rightName, right]] = factors;
  if (left.shape.length !== 2 || right.shape.length !== 2) return { text: `(${leftName} ⊗ ${rightName}).T @ vec(G)`, values: null };
  const [p, q] = [reals(left), reals(right)];
  const [leftRows, leftColumns] = left.shape;
  const [rightRows, rightColumns] = right.shape;
  const [leftIsOne, rightIsOne] = [isIdentity(left), isIdentity(right)];
  const text = `${leftIsOne ? "" : `${transposedName(leftName)} @ `}G${rightIsOne ? "" : ` @ ${pulledRight(rightName)}`}`;
  const values: number[] = [];
  for (let i = 0; i < leftColumns; i++) {
    for (let j = 0; j < rightColumns; j++) {
      let sum = 0;
      for (let a = 0; a < leftRows; a++) {
        if (p[a * leftColumns + i] === 0) continue;
        for (let b = 0; b < rightRows; b++) sum += p[a * leftColumns + i] * cotangent[a * rightRows + b] * q[b * rightColumns + j];
      }
      values.push(sum);
    }
  }
  return { text, values };
}

/** The right factor as code writes it: Bᵀ is B.T. */
function pulledRight(symbol: string): string {
  return symbol.replace(/(ᵀ|\^T)$/, ".T");
}

/** `G₀₀·1 + G₀₁·2 = …`: the sum over j that gives one entry of the pull, without its zeros. */
export function sumOver(matrix: number[], rows: number, columns: number, cotangent: number[], column: number, target: string, outShape: number[], result: string): { symbols: string; numbers: string; sum: number } {
  const terms: [string, string][] = [];
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const entry = matrix[i * columns + column];
    sum += entry === 0 ? 0 : cotangent[i] * entry;
    if (entry !== 0) terms.push([`∂${result}/∂${element(target, outShape, i)}`, `${bracketed(cotangent[i])}·${bracketed(entry)}`]);
  }
  const some = terms.slice(0, 8);
  const rest = terms.length > 8 ? " + …" : "";
  return { symbols: some.map(([name]) => name).join(" + ") + rest, numbers: (some.map(([, text]) => text).join(" + ") || "0") + rest, sum };
}

function bracketed(value: number): string {
  const text = shown(value);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The largest relative difference of two vectors. */
export function difference(found: number[], expected: ArrayDocument): number {
  const right = cells(expected).map(modulus);
  const scale = right.reduce((most, value) => Math.max(most, Math.abs(real(value))), 0);
  return found.reduce((most, value, k) => Math.max(most, value === right[k] ? 0 : Math.abs(value - right[k]) / (scale || 1)), 0);
}
