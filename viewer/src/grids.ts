// Arrays as tables, and matrices as tables or, when they are larger, as pictures that can be read cell by cell.

import { h } from "./dom";
import { element } from "./elements";
import { drawMatrix } from "./heatmap";
import { cells, exact, real, shapeText, shown } from "./numbers";
import type { ArrayDocument, Numbers } from "./program";
import { size } from "./program";
import { t } from "./strings";

const MOST_CELLS = 100;
const MOST_COLUMNS = 12;

/** All of an array that is worth printing: a number, a table, or what is known of it. */
export function arrayView(numbers: Numbers, most = MOST_CELLS): HTMLElement {
  const { shape, values } = numbers;
  if (values !== null && shape.length === 0) {
    const value = cells(values)[0];
    return h("span", { class: "number", title: exact(value) }, shown(value, 6));
  }
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1];
  if (values === null || size(shape) > most || columns > MOST_COLUMNS) return statistics(numbers);
  return gridTable(values, shape);
}

export function statistics(numbers: Numbers): HTMLElement {
  const parts = [t("range", { least: shown(real(numbers.least)), greatest: shown(real(numbers.greatest)), norm: shown(real(numbers.norm)) })];
  if (numbers.nonfinite > 0) parts.push(t("nonfinite", { n: numbers.nonfinite }));
  if (numbers.zeros > 0) parts.push(t("zeros", { n: numbers.zeros }));
  return h("span", { class: "statistics" }, `${shapeText(numbers.shape)} ${parts.join(" · ")}`);
}

/** An array as a table: its last axis runs along the rows, the others are stacked. */
export function gridTable(values: ArrayDocument, shape: number[], decorate?: (cell: HTMLTableCellElement, k: number) => void, format?: (k: number) => string): HTMLElement {
  const all = cells(values);
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1];
  const rows = columns === 0 ? 0 : all.length / columns;
  const body = h("tbody");
  for (let i = 0; i < rows; i++) {
    const row = h("tr");
    for (let j = 0; j < columns; j++) {
      const k = i * columns + j;
      const cell = h("td", { title: exact(all[k]) }, format === undefined ? shown(all[k]) : format(k));
      decorate?.(cell, k);
      row.append(cell);
    }
    body.append(row);
  }
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": shapeText(shape) }, h("table", { class: "grid" }, body));
}

export interface MatrixNames {
  rowName: string;
  rowShape: number[];
  columnName: string;
  columnShape: number[];
}

export function isSmall(rows: number, columns: number): boolean {
  return rows * columns <= MOST_CELLS && columns <= MOST_COLUMNS;
}

/** A matrix with the names of its rows and columns; `pointed` is called with the cell under the pointer or the focus. */
export function matrixTable(matrix: ArrayDocument, names: MatrixNames, pointed?: (row: number | null, column: number | null) => void): HTMLTableElement {
  const rows = size(names.rowShape);
  const columns = size(names.columnShape);
  const all = cells(matrix);
  const head = h("tr", {}, h("td", { class: "corner" }));
  for (let j = 0; j < columns; j++) head.append(h("th", { scope: "col", "data-column": j }, element(names.columnName, names.columnShape, j)));
  const body = h("tbody");
  for (let i = 0; i < rows; i++) {
    const row = h("tr", {}, h("th", { scope: "row", "data-row": i }, element(names.rowName, names.rowShape, i)));
    for (let j = 0; j < columns; j++) {
      const value = all[i * columns + j];
      const zero = value === 0;
      const bad = typeof value === "number" && !Number.isFinite(value);
      row.append(
        h(
          "td",
          {
            class: zero ? "zero" : bad ? "bad" : undefined,
            title: exact(value),
            "data-row": i,
            "data-column": j,
            tabindex: pointed === undefined ? undefined : i + j === 0 ? 0 : -1,
            onmouseenter: () => pointed?.(i, j),
            onmouseleave: () => pointed?.(null, null),
            onfocus: () => pointed?.(i, j),
            onblur: () => pointed?.(null, null),
          },
          zero ? "·" : shown(value),
        ),
      );
    }
    body.append(row);
  }
  const table = h("table", { class: "matrix" }, h("thead", {}, head), body);
  if (pointed !== undefined) table.addEventListener("keydown", (event) => walk(table, event));
  return table;
}

/** Arrow keys go from cell to cell. */
function walk(table: HTMLTableElement, event: KeyboardEvent): void {
  const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[event.key];
  const cell = event.target as HTMLElement;
  if (step === undefined || cell.dataset.row === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const next = `td[data-row="${Number(cell.dataset.row) + step[0]}"][data-column="${Number(cell.dataset.column) + step[1]}"]`;
  const target = table.querySelector<HTMLElement>(next);
  if (target === null) return;
  cell.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}

/** A matrix as a picture; the cell under the pointer, or chosen by arrow keys, is read out below it. */
export function matrixPicture(matrix: ArrayDocument, names: MatrixNames, label: string): HTMLElement {
  const rows = size(names.rowShape);
  const columns = size(names.columnShape);
  const scale = Math.max(1, Math.min(16, Math.floor(256 / Math.max(rows, columns))));
  const canvas = h("canvas", { width: Math.max(24, columns * scale), height: Math.max(16, rows * scale), tabindex: 0, role: "img", "aria-label": label });
  drawMatrix(canvas, matrix, rows, columns);
  const all = cells(matrix);
  const reading = h("p", { class: "reading", "aria-live": "polite" }, "\u00a0");
  let at: [number, number] = [0, 0];
  const read = (row: number, column: number): void => {
    at = [Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column))];
    const [i, j] = at;
    reading.textContent = `∂${element(names.rowName, names.rowShape, i)}/∂${element(names.columnName, names.columnShape, j)} = ${shown(all[i * columns + j], 6)}`;
  };
  canvas.addEventListener("mousemove", (event) => {
    const frame = canvas.getBoundingClientRect();
    read(Math.floor(((event.clientY - frame.top) / frame.height) * rows), Math.floor(((event.clientX - frame.left) / frame.width) * columns));
  });
  canvas.addEventListener("keydown", (event) => {
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    read(at[0] + step[0], at[1] + step[1]);
  });
  return h("div", { class: "picture" }, canvas, reading);
}
