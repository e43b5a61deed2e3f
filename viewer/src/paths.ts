// The paths from inputs to the result, the product along each of them, and their sum.

import { h, replace } from "./dom";
import { derivativeText } from "./narration";
import { isScalarMap, partial, resultName, sourceName } from "./labels";
import { brief, cells, count, modulus, real, scalar, shown } from "./numbers";
import type { Page } from "./page";
import type { Numbers } from "./program";
import { t } from "./strings";

const MOST_FACTORS = 9;

export function pathsPanel(page: Page): HTMLElement {
  const panel = h("div");
  const { program } = page.index;
  if (program.paths.length === 0) {
    panel.append(h("p", { class: "hint" }, t("noPaths")));
    return panel;
  }
  const table = h("table", { class: "rows paths" });
  const foot = h("p", { class: "hint chosen", "aria-live": "polite" });
  const show = (): void => {
    const { paths, labels } = page.store.state;
    replace(table, head(gradientTotal(page) !== null), body(page, paths, labels === "symbols"));
    const chosen = total(paths.map((k) => program.paths[k]?.contribution).filter((each) => each !== undefined));
    const whole = gradientTotal(page);
    replace(foot, chosen !== null && whole !== null ? t("chosenSum", { sum: shown(chosen), total: shown(whole) }) : t("pathsHint"));
  };
  page.store.on(["paths", "labels"], () => {
    const focused = document.activeElement?.closest("tr[data-path]")?.getAttribute("data-path") ?? null;
    show();
    if (focused !== null) table.querySelector<HTMLElement>(`tr[data-path="${focused}"] button`)?.focus();
  });
  show();
  panel.append(h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("tabPaths") }, table), foot);
  return panel;
}

function head(summed: boolean): HTMLElement {
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { scope: "col" }, t("pathColumn")),
      h("th", { scope: "col" }, t("factors")),
      h("th", { scope: "col", class: "right" }, t("value")),
      summed ? h("th", { scope: "col", class: "right" }, t("share")) : null,
      summed ? h("th", { scope: "col", class: "right" }, t("runningSum")) : null,
    ),
  );
}

function body(page: Page, chosen: readonly number[], symbols: boolean): HTMLElement {
  const { program } = page.index;
  const rows = h("tbody");
  let running: number | null = 0;
  const whole = gradientTotal(page);
  program.paths.forEach((path, k) => {
    const value = scalar(path.contribution);
    running = running === null || value === null || Array.isArray(value) ? null : running + value;
    const share = value === null || whole === null || whole === 0 ? "" : `${((modulus(value) / whole) * 100).toFixed(1)} %`.replace("-", "−");
    const lit = chosen.includes(k);
    rows.append(
      h(
        "tr",
        { "data-path": k, class: lit ? "lit" : undefined, onclick: (event: MouseEvent) => choose(page, k, event.shiftKey) },
        h("td", {}, h("button", { type: "button", class: "route", "aria-pressed": String(lit) }, route(page, path.edges))),
        h("td", { class: "math" }, product(page, path.edges, symbols)),
        h("td", { class: "right number" }, brief(path.contribution)),
        whole === null ? null : h("td", { class: "right number" }, share),
        whole === null ? null : h("td", { class: "right number" }, running === null ? "" : shown(running)),
      ),
    );
  });
  const others = BigInt(program.path_count) - BigInt(program.paths.length);
  if (others > 0n) {
    const rest = whole === null || running === null ? "" : shown(whole - running);
    rows.append(h("tr", { class: "rest" }, h("td", { colspan: 2 }, t("otherPaths", { n: count(String(others)) })), h("td", { class: "right number" }, rest), whole === null ? null : h("td", { colspan: 2 })));
  }
  const kappa = real(program.cancellation);
  const remark = !Number.isFinite(kappa) ? "" : kappa < 1.005 ? t("noCancellation") : t("cancels", { kappa: shown(kappa, 3), digits: Math.max(0, Math.log10(kappa)).toFixed(1) });
  const sums = program.inputs.filter((input) => program.nodes[input].adjoint !== null).slice(0, 12);
  sums.forEach((input, k) => {
    const { name, adjoint } = program.nodes[input];
    rows.append(
      h(
        "tr",
        { class: "total", "data-input": input },
        h("td", {}, `${t("total")} ∂${resultName(page.index)}/∂${name}`),
        h("td", { class: "hint" }, k === 0 ? remark : ""),
        h("td", { class: "right number" }, brief(adjoint!)),
        whole === null ? null : h("td", { colspan: 2 }),
      ),
    );
  });
  return rows;
}

/** Lights a path, or adds it to those that are lit; once more puts it out. */
export function choose(page: Page, k: number, more: boolean): void {
  const { paths } = page.store.state;
  const lit = paths.includes(k);
  const next = more ? (lit ? paths.filter((each) => each !== k) : [...paths, k]) : lit && paths.length === 1 ? [] : [k];
  page.store.set({ paths: next, selected: null, trail: [] });
}

export function route(page: Page, edges: number[]): string {
  const { program } = page.index;
  // An input that is the result itself has a path of no edges.
  if (edges.length === 0) return resultName(page.index);
  const names = [...edges.map((edge) => sourceName(page.index, edge)), program.nodes[program.edges[edges[edges.length - 1]].target].name];
  const shownNames = names.length > MOST_FACTORS ? [...names.slice(0, 4), `… ${names.length - 7} …`, ...names.slice(-3)] : names;
  return shownNames.join(" → ");
}

/** The product along a path, the result's end first, as it stands in the chain rule. */
export function product(page: Page, edges: number[], symbols: boolean): string {
  const { program } = page.index;
  if (edges.length === 0) return "1";
  const backwards = [...edges].reverse();
  const scalars = edges.every((edge) => isScalarMap(program.edges[edge].jacobian));
  const factors = backwards.map((edge) => {
    const text = derivativeText(page, edge, symbols);
    const left = outside(text);
    // A free place in an expression, but not the one of a call: A@(·).T.
    const open = text.includes("·") && !/^\w*$/.test(left);
    return open || /[-+−⊗]/.test(left) ? `(${text})` : text;
  });
  const shownFactors = factors.length > MOST_FACTORS ? [...factors.slice(0, 4), `… ${factors.length - 7} …`, ...factors.slice(-3)] : factors;
  return shownFactors.join(scalars ? " · " : "  ");
}

/** What of an expression is not in brackets. */
function outside(text: string): string {
  let before = "";
  while (before !== text) {
    before = text;
    text = text.replace(/\([^()]*\)|\[[^[\]]*\]|×10⁻|\*\*-/g, "");
  }
  return text;
}

/** The sum of scalar contributions; null if they are not scalars. */
function total(contributions: Numbers[]): number | null {
  if (contributions.length === 0) return null;
  const values = contributions.map(scalar);
  if (values.some((value) => value === null || Array.isArray(value))) return null;
  return (values as number[]).reduce((a, b) => a + b, 0);
}

/** What all paths add up to, where there is one scalar input; several inputs have a sum each. */
function gradientTotal(page: Page): number | null {
  const { program } = page.index;
  const reached = program.inputs.filter((input) => program.nodes[input].adjoint !== null);
  if (reached.length !== 1) return null;
  const { adjoint } = program.nodes[reached[0]];
  if (adjoint === null || adjoint.values === null || adjoint.shape.length > 0) return null;
  const value = cells(adjoint.values)[0];
  return Array.isArray(value) ? null : value;
}

/** The card of the lit paths: the product of each, factor by factor. */
export function chosenPaths(page: Page): Node[] {
  const { program } = page.index;
  return page.store.state.paths
    .filter((k) => program.paths[k] !== undefined)
    .flatMap((k) => {
      const { edges, contribution } = program.paths[k];
      const rows = [...edges].reverse().slice(0, 40);
      return [
        h("h3", {}, h("span", { class: "kind" }, t("product")), " ", h("span", { class: "math" }, route(page, edges))),
        h(
          "dl",
          {},
          ...rows.flatMap((edge) => {
            const { jacobian } = program.edges[edge];
            const number = derivativeText(page, edge, false);
            const symbol = jacobian.symbol === "" || jacobian.symbol === number ? "" : `${jacobian.symbol} = `;
            return [
              h("dt", { class: "math" }, partial(page.index, edge)),
              h("dd", {}, h("button", { type: "button", class: "link", onclick: () => page.store.set({ selected: `e${edge}` }) }, isScalarMap(jacobian) ? symbol + number : jacobian.symbol || jacobian.structure)),
            ];
          }),
          h("dt", {}, t("product")),
          h("dd", {}, h("strong", {}, brief(contribution))),
        ),
      ];
    });
}
