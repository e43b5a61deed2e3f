// Matrices as pictures: a diverging palette centred on 0, hatching for what is not finite, a sketch of the structure
// where the entries are not there.

import { cells, modulus } from "./numbers";
import type { ArrayDocument, Jacobian, Numbers } from "./program";

interface Palette {
  zero: [number, number, number];
  positive: [number, number, number];
  negative: [number, number, number];
  ink: string;
}

const light: Palette = { zero: [240, 239, 234], positive: [178, 58, 34], negative: [32, 92, 160], ink: "#55585c" };
const dark: Palette = { zero: [44, 47, 52], positive: [245, 140, 112], negative: [118, 178, 245], ink: "#b4b8bd" };

export function isDark(): boolean {
  const chosen = document.documentElement.dataset.scheme;
  return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function palette(): Palette {
  return isDark() ? dark : light;
}

export function colour(value: number, greatest: number): string {
  const { zero, positive, negative } = palette();
  const amount = greatest > 0 ? Math.min(1, Math.abs(value) / greatest) : 0;
  // Something that is not 0 must not look like 0.
  const share = value === 0 ? 0 : 0.15 + 0.85 * amount;
  const end = value < 0 ? negative : positive;
  return `rgb(${zero.map((channel, k) => Math.round(channel + (end[k] - channel) * share)).join(",")})`;
}

/** Draws a matrix of rows × columns into a canvas whose size has been set. */
export function drawMatrix(canvas: HTMLCanvasElement, entries: ArrayDocument, rows: number, columns: number): void {
  const context = canvas.getContext("2d")!;
  const values = cells(entries).map(modulus);
  const greatest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  for (let i = 0; i < rows; i++) {
    const top = Math.floor((i * height) / rows);
    const bottom = Math.max(top + 1, Math.floor(((i + 1) * height) / rows));
    for (let j = 0; j < columns; j++) {
      const left = Math.floor((j * width) / columns);
      const right = Math.max(left + 1, Math.floor(((j + 1) * width) / columns));
      const value = values[i * columns + j];
      context.fillStyle = Number.isFinite(value) ? colour(value, greatest) : colour(0, 1);
      context.fillRect(left, top, right - left, bottom - top);
      if (!Number.isFinite(value)) hatch(context, left, top, right - left, bottom - top);
    }
  }
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = palette().ink;
  context.lineWidth = 1.5;
  for (let offset = -height; offset < width; offset += 4) {
    context.beginPath();
    context.moveTo(x + offset, y + height);
    context.lineTo(x + offset + height, y);
    context.stroke();
  }
  context.restore();
}

/** Width and height of a thumbnail of a matrix, at most `most` pixels. */
export function thumbnailSize(rows: number, columns: number, most = 24): [number, number] {
  const scale = most / Math.max(rows, columns, 1);
  return [Math.max(6, Math.min(most, columns * scale)), Math.max(6, Math.min(most, rows * scale))];
}

/** A small picture of a Jacobian, as the address of an image. */
export function thumbnail(jacobian: Jacobian, rows: number, columns: number): string {
  const [width, height] = thumbnailSize(rows, columns);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * 3);
  canvas.height = Math.round(height * 3);
  if (jacobian.entries !== null) drawMatrix(canvas, jacobian.entries, rows, columns);
  else sketch(canvas, jacobian.structure);
  return canvas.toDataURL("image/png");
}

/** A small picture of an array, its last axis along the rows: its address and its size; null if it has no entries to show. */
export function arrayPicture(numbers: Numbers): { href: string; width: number; height: number } | null {
  const { shape, values } = numbers;
  if (values === null || shape.length === 0 || values.values.length === 0) return null;
  const columns = shape[shape.length - 1];
  const rows = values.values.length / columns;
  const scale = Math.min(44 / columns, 15 / rows, 8);
  const [width, height] = [Math.max(5, columns * scale), Math.max(5, rows * scale)];
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * 3);
  canvas.height = Math.round(height * 3);
  drawMatrix(canvas, values, rows, columns);
  return { href: canvas.toDataURL("image/png"), width, height };
}

/** Where the numbers of a structure are, roughly. */
function sketch(canvas: HTMLCanvasElement, structure: string): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  const fill = colour(1, 2);
  context.fillStyle = colour(0, 1);
  context.fillRect(0, 0, width, height);
  context.fillStyle = fill;
  context.strokeStyle = fill;
  const diagonal = (thickness: number): void => {
    context.lineWidth = thickness;
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(width, height);
    context.stroke();
  };
  if (structure === "diagonal" || structure === "identity") diagonal(width / 8);
  else if (structure === "banded") diagonal(width / 3);
  else if (structure === "triangular") {
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(width, height);
    context.lineTo(0, height);
    context.fill();
  } else if (structure === "kronecker" || structure === "block") {
    for (let k = 0; k < 3; k++) context.fillRect((k * width) / 3, (k * height) / 3, width / 3 - 2, height / 3 - 2);
  } else if (structure === "selection" || structure === "permutation") {
    [2, 0, 4, 1, 3].forEach((row, k) => context.fillRect((k * width) / 5, (row * height) / 5, width / 5 - 1, height / 5 - 1));
  } else if (structure !== "zero") context.fillRect(0, 0, width, height);
}
