// The flatten view: what happens to the shapes of a tensor edge on the way back.

import { h, replace, toggle } from "./dom";
import { element } from "./elements";
import { asUsed, difference, reals, sumOver } from "./flatten";
import { arrayView, gridTable, isSmall, matrixPicture, matrixTable } from "./grids";
import { isScalarMap, jacobianSize, partial, resultName } from "./labels";
import { count, shapeText, shown, subscript, times, transposed } from "./numbers";
import type { Page } from "./page";
import type { ArrayDocument } from "./program";
import { size } from "./program";
import { t } from "./strings";

const MOST_CHOICES = 300;

export function shapesPanel(page: Page): HTMLElement {
  const { index, store } = page;
  const { program } = index;
  const tensors = program.edges.map((_, edge) => edge).filter((edge) => !isScalarMap(program.edges[edge].jacobian));
  const panel = h("div", { class: "shapes" });
  if (tensors.length === 0) {
    panel.append(h("p", { class: "hint" }, t("noTensor")));
    return panel;
  }
  // The most telling edge first: the one with the largest matrix that is small enough to be seen.
  const telling = (edge: number): number => {
    const { entries, structure } = program.edges[edge].jacobian;
    if (entries === null) return -1;
    const cells = entries.values.length;
    return cells > 100 ? 0 : cells + (structure === "kronecker" || structure === "dense" ? 1000 : 0);
  };
  let current = tensors.reduce((best, edge) => (telling(edge) > telling(best) ? edge : best), tensors[0]);
  let summed = true;
  const view = h("div", { class: "flatten" });
  const choice = h("select", {
    onchange: () => {
      current = Number(choice.value);
      store.set({ selected: `e${current}` });
      show();
    },
  });
  for (const edge of tensors.slice(0, MOST_CHOICES)) choice.append(h("option", { value: edge }, `${partial(index, edge)}  ${jacobianSize(program.edges[edge].jacobian)}  ${program.edges[edge].jacobian.structure}`));
  const forms = h("div", { class: "choice", role: "group" });
  const show = (): void => {
    choice.value = String(current);
    replace(
      forms,
      toggle(t("asSum"), summed, () => ((summed = true), show())),
      toggle(t("asCode"), !summed, () => ((summed = false), show())),
    );
    replace(view, ...flattened(page, current, summed));
  };
  const follow = (): void => {
    const { selected } = store.state;
    const edge = selected?.startsWith("e") ? Number(selected.slice(1)) : -1;
    if (edge !== current && tensors.includes(edge)) {
      current = edge;
      show();
    }
  };
  store.on(["selected"], follow);
  store.on(["scheme"], show);
  follow();
  show();
  panel.append(h("div", { class: "bar" }, h("label", {}, `${t("chooseEdge")} `, choice), forms), view);
  return panel;
}

function flattened(page: Page, at: number, summed: boolean): Node[] {
  const { program } = page.index;
  const edge = program.edges[at];
  const { jacobian, contribution } = edge;
  const [source, target] = [program.nodes[edge.source], program.nodes[edge.target]];
  const [rows, columns] = [size(jacobian.out_shape), size(jacobian.in_shape)];
  const result = resultName(page.index);
  const title = h(
    "p",
    { class: "math equation" },
    `${partial(page.index, at)}: ${shapeText(jacobian.in_shape)} → ${shapeText(jacobian.out_shape)}, ${jacobianSize(jacobian)}, ${jacobian.structure}${jacobian.symbol === "" ? "" : `, ${jacobian.symbol}`}`,
  );
  const stored = t("storedOf", { stored: count(jacobian.stored), all: count(rows * columns) });
  const cotangent = target.adjoint?.values ?? null;
  if (jacobian.entries === null || cotangent === null) {
    const parts: Node[] = [title, h("p", { class: "hint" }, `${t("notShown", { rows: count(rows), columns: count(columns) })} ${t("storedNumbers")}: ${stored}. ${t("codeNever")}`)];
    for (const [name, array] of jacobian.factors) parts.push(h("p", { class: "math" }, `${name} ${shapeText(array.shape)}`));
    parts.push(h("p", { class: "code" }, h("code", {}, asUsed(page.index, edge, []).text)));
    if (contribution !== null) parts.push(arrayView(contribution));
    return parts;
  }
  const names = { rowName: target.name, rowShape: jacobian.out_shape, columnName: source.name, columnShape: jacobian.in_shape };
  const matrix = reals(jacobian.entries);
  const pulled = reals(cotangent);
  const flat = times(transposed(matrix, rows, columns), columns, rows, pulled);
  const reading = h("p", { class: "reading math", "aria-live": "polite" }, "\u00a0");
  const small = isSmall(rows, columns);
  const view = h("div", { class: "stages" });
  const point = (row: number | null, column: number | null): void => {
    for (const cell of view.querySelectorAll("[data-row], [data-column]")) {
      const { row: ofRow, column: ofColumn } = (cell as HTMLElement).dataset;
      cell.classList.toggle("inRow", row !== null && ofRow === String(row));
      cell.classList.toggle("inColumn", column !== null && ofColumn === String(column));
    }
    if (column === null) reading.textContent = "\u00a0";
    else if (row === null || summed) reading.textContent = entrySum(column);
    else reading.textContent = `∂${element(target.name, jacobian.out_shape, row)}/∂${element(source.name, jacobian.in_shape, column)} = ${shown(matrix[row * columns + column])}`;
  };
  const entrySum = (column: number): string => {
    const { numbers, sum } = sumOver(matrix, rows, columns, pulled, column, target.name, jacobian.out_shape, result);
    const name = element(source.name, jacobian.in_shape, column);
    return `∂${result}/∂${name} = Σⱼ ∂${result}/∂${target.name}ⱼ · ∂${target.name}ⱼ/∂${name} = ${numbers} = ${shown(sum)}`;
  };
  const pointer = (row: number | null, column: number | null) => (cell: HTMLElement) => {
    if (row !== null) cell.dataset.row = String(row);
    if (column !== null) cell.dataset.column = String(column);
    cell.addEventListener("mouseenter", () => point(row, column));
    cell.addEventListener("mouseleave", () => point(null, null));
  };
  const stage = (caption: string, ...content: Node[]): HTMLElement => h("figure", {}, h("figcaption", {}, caption), ...content);
  const ofInput = (document: ArrayDocument, shape: number[], format?: (k: number) => string): HTMLElement => gridTable(document, shape, (cell, k) => pointer(null, k)(cell), format);
  const asDocument = (values: number[], shape: number[]): ArrayDocument => ({ shape, dtype: "float64", values });
  const sourceValues = source.value.values;
  if (sourceValues !== null && small) {
    view.append(stage(t("flattenInput", { name: source.name }), ofInput(sourceValues, jacobian.in_shape, (k) => `${shown(reals(sourceValues)[k])}${subscript(k)}`)));
  }
  if (sourceValues !== null && small && jacobian.in_shape.length > 1) {
    view.append(stage(t("flattenVector"), ofInput({ ...sourceValues, shape: [columns, 1] }, [columns, 1])));
  }
  const matrixFigure = small
    ? h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "J" }, matrixTable(jacobian.entries, names, point))
    : matrixPicture(jacobian.entries, names, `J ${rows}×${columns}`);
  view.append(stage(t("flattenJacobian", { target: target.name, source: source.name }), matrixFigure));
  if (small) {
    view.append(
      stage(t("flattenCotangent", { result, target: target.name }), gridTable(asDocument(pulled, [rows, 1]), [rows, 1], (cell, k) => pointer(k, null)(cell))),
      stage(t("flattenProduct"), ofInput(asDocument(flat, [columns, 1]), [columns, 1])),
      stage(t("flattenReshaped", { shape: shapeText(jacobian.in_shape) }), h("div", { class: "reshaped" }, ofInput(asDocument(flat, jacobian.in_shape), jacobian.in_shape))),
    );
  }
  const used = asUsed(page.index, edge, pulled);
  const found = summed || used.values === null ? flat : used.values;
  const off = contribution?.values == null ? null : difference(found, contribution.values);
  const equal = off === null ? null : off < 1e-5 ? h("span", { class: "badge equal" }, `✓ ${t("equal")}`) : h("span", { class: "badge unequal" }, `✗ ${t("unequal", { difference: shown(off, 2) })}`);
  const formula = summed ? `Jᵀ · vec(G) = [${flat.slice(0, 12).map((value) => shown(value)).join(" ")}${columns > 12 ? " …" : ""}]` : used.text;
  return [
    title,
    view,
    reading,
    h("p", { class: "code" }, h("code", {}, formula), " ", equal),
    h("p", { class: "hint" }, `${t("storedNumbers")}: ${stored}. ${t("codeNever")}`),
  ];
}
