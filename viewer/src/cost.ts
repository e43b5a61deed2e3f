// Where time and memory go, by line of the code and by operation.

import { gradual, h, replace, toggle } from "./dom";
import { bytes, count, real, seconds } from "./numbers";
import type { Page } from "./page";
import { t } from "./strings";

interface Row {
  name: string;
  detail: string;
  node: number;
  calls: number;
  seconds: number;
  pull: number;
  kept: number;
  flops: number;
}

export function costPanel(page: Page): HTMLElement {
  const { program } = page.index;
  const panel = h("div", { class: "cost" });
  let byLine = true;
  const choice = h("div", { class: "choice", role: "group" });
  const table = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("tabCost") });
  const show = (): void => {
    replace(
      choice,
      toggle(t("byLine"), byLine, () => ((byLine = true), show())),
      toggle(t("byOperation"), !byLine, () => ((byLine = false), show())),
    );
    replace(table, costTable(page, rows(page, byLine)));
  };
  show();
  panel.append(h("div", { class: "bar" }, choice, program.cost_measured ? null : h("span", { class: "hint" }, t("notMeasured"))), table);
  return panel;
}

function rows(page: Page, byLine: boolean): Row[] {
  const { program, isInput } = page.index;
  const found = new Map<string, Row>();
  program.nodes.forEach((node, k) => {
    if (isInput[k]) return;
    const site = node.site === null ? null : program.sites[node.site];
    const key = byLine ? `${site?.file}:${site?.line}` : (node.op ?? "");
    let row = found.get(key);
    if (row === undefined) {
      const name = byLine ? (site === null ? "–" : t("lineAt", { line: site.line })) : (node.op ?? "");
      row = { name, detail: byLine ? (site?.text ?? "") : "", node: k, calls: 0, seconds: 0, pull: 0, kept: 0, flops: 0 };
      found.set(key, row);
    }
    row.calls += 1;
    row.seconds += node.seconds === null ? 0 : real(node.seconds);
    row.pull += node.pull_seconds === null ? 0 : real(node.pull_seconds);
    row.kept += node.kept_bytes;
    row.flops += Number(node.flops);
  });
  return [...found.values()].sort((a, b) => b.seconds + b.pull - (a.seconds + a.pull) || b.kept - a.kept || b.flops - a.flops || a.node - b.node);
}

function costTable(page: Page, all: Row[]): HTMLElement {
  const measured = page.index.program.cost_measured;
  const columns = measured ? [t("seconds"), t("pullSeconds"), t("kept"), t("operations")] : [t("kept"), t("operations")];
  const most = all.reduce((greatest, row) => Math.max(greatest, measured ? row.seconds + row.pull : row.kept), 0);
  const head = h("tr", {}, h("th", { scope: "col" }, ""), h("th", { scope: "col", class: "right" }, t("calls")), ...columns.map((column) => h("th", { scope: "col", class: "right" }, column)));
  const body = h("tbody");
  const row = (k: number): Element => {
    const each = all[k];
    const share = most === 0 ? 0 : (measured ? each.seconds + each.pull : each.kept) / most;
    const meter = h("span", { class: "meter", "aria-hidden": "true" });
    meter.style.setProperty("--share", share.toFixed(3));
    const numbers = [bytes(each.kept), count(Math.round(each.flops))];
    if (measured) numbers.unshift(seconds(each.seconds), seconds(each.pull));
    return h(
      "tr",
      { onmouseenter: () => page.hover([each.node]), onmouseleave: () => page.hover([]) },
      h("td", {}, meter, h("button", { type: "button", class: "route", onclick: () => page.reveal(each.node) }, each.name), " ", h("code", {}, each.detail)),
      h("td", { class: "right number" }, count(each.calls)),
      ...numbers.map((text) => h("td", { class: "right number" }, text)),
    );
  };
  gradual(body, all.length, row, (n) => t("more", { n }));
  return h("table", { class: "rows" }, h("thead", {}, head), body);
}
