// The code that ran: its lines light with the nodes that they computed, and show where the heat is.

import { h, replace, toggle } from "./dom";
import { nodeHeat } from "./graph";
import { flowOf } from "./labels";
import type { Page } from "./page";
import type { State } from "./state";
import { t } from "./strings";

export function sourcePane(page: Page): HTMLElement {
  const { index, store } = page;
  const { program } = index;
  const nodesAt = new Map<string, number[]>();
  program.nodes.forEach((node, k) => {
    if (node.site === null) return;
    const { file, line } = program.sites[node.site];
    const key = `${file}:${line}`;
    const nodes = nodesAt.get(key);
    if (nodes === undefined) nodesAt.set(key, [k]);
    else nodes.push(k);
  });
  const heats = h("div", { class: "choice", role: "group", "aria-label": t("heat") });
  const code = h("div", { class: "code", tabindex: 0, role: "region", "aria-label": t("source") });
  const element = h("section", { class: "source", "aria-label": t("source") }, h("div", { class: "bar" }, h("h2", {}, t("source")), heats), code);
  const lines = new Map<string, HTMLElement>();
  const bars = new Map<string, HTMLElement>();

  const line = (file: string, number: number, text: string): HTMLElement => {
    const key = `${file}:${number}`;
    const nodes = nodesAt.get(key) ?? [];
    const bar = h("span", { class: "heatbar", "aria-hidden": "true" });
    const content = [h("span", { class: "number" }, String(number)), bar, h("code", {}, text === "" ? " " : text)];
    bars.set(key, bar);
    const row =
      nodes.length === 0
        ? h("div", { class: "line" }, ...content)
        : h(
            "button",
            {
              type: "button",
              class: "line live",
              onclick: () => page.reveal(nodes[nodes.length - 1]),
              onmouseenter: () => light(nodes),
              onmouseleave: () => light([]),
              onfocus: () => light(nodes),
              onblur: () => light([]),
            },
            ...content,
          );
    lines.set(key, row);
    return row;
  };
  const light = (nodes: readonly number[]): void => {
    const items = new Set(nodes.map((node) => page.graph.visible.itemOf[node]));
    page.graph.element.querySelectorAll(".item").forEach((each) => each.classList.remove("hovered"));
    for (const item of items) page.graph.highlight(item);
  };

  // Functions that stand in each other, or share lines, are shown once.
  const files = new Map<string, Map<number, string>>();
  for (const source of program.sources) {
    const found = files.get(source.file) ?? new Map<number, string>();
    files.set(source.file, found);
    source.lines.forEach((text, k) => found.set(source.first + k, text));
  }
  for (const [file, texts] of files) {
    code.append(h("p", { class: "file", title: file }, file.split(/[\\/]/).slice(-2).join("/")));
    const sorted = [...texts.keys()].sort((a, b) => a - b);
    for (let start = 0; start < sorted.length; ) {
      let end = start + 1;
      while (end < sorted.length && sorted[end] === sorted[end - 1] + 1) end += 1;
      const block = sorted.slice(start, end);
      // What all lines share is not worth its width.
      const indents = block.filter((k) => texts.get(k)!.trim() !== "").map((k) => texts.get(k)!.length - texts.get(k)!.trimStart().length);
      const common = indents.length === 0 ? 0 : Math.min(...indents);
      if (start > 0) code.append(h("div", { class: "line gap", "aria-hidden": "true" }, "⋮"));
      for (const k of block) code.append(line(file, k, texts.get(k)!.slice(common)));
      start = end;
    }
  }
  if (program.sources.length === 0) {
    const sites = new Map(program.sites.filter((site) => nodesAt.has(`${site.file}:${site.line}`)).map((site) => [`${site.file}:${site.line}`, site]));
    const sorted = [...sites.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line).slice(0, 500);
    for (const site of sorted) code.append(line(site.file, site.line, site.text));
    if (sorted.length === 0) code.append(h("p", { class: "hint" }, t("noSource")));
  }

  const heat = (): void => {
    const chosen = store.state.heat;
    const hasBytes = program.nodes.some((node) => node.kept_bytes > 0);
    const offered: State["heat"][] = ["none", ...(program.cost_measured ? (["time"] as const) : []), ...(hasBytes ? (["bytes"] as const) : []), "flow"];
    replace(heats, ...offered.map((each) => toggle(t(each), each === chosen, () => store.set({ heat: each }))));
    const amounts = new Map<string, number>();
    if (chosen !== "none") {
      for (const [key, nodes] of nodesAt) {
        const amount = nodes.reduce((sum, node) => sum + (chosen === "flow" ? index.outgoing[node].reduce((flow, edge) => flow + flowOf(index, edge), 0) : nodeHeat(program.nodes[node], chosen)), 0);
        amounts.set(key, amount);
      }
    }
    const greatest = Math.max(0, ...amounts.values());
    for (const [key, bar] of bars) bar.style.setProperty("--heat", greatest > 0 ? String((amounts.get(key) ?? 0) / greatest) : "0");
  };
  store.on(["heat"], heat);
  heat();
  const mark = (nodes: readonly number[], name: string, scroll: boolean): void => {
    for (const row of lines.values()) row.classList.remove(name);
    for (const node of nodes.slice(0, 200)) {
      const { site } = program.nodes[node];
      if (site === null) continue;
      const row = lines.get(`${program.sites[site].file}:${program.sites[site].line}`);
      row?.classList.add(name);
      if (scroll && row !== undefined) {
        const [outer, inner] = [code.getBoundingClientRect(), row.getBoundingClientRect()];
        if (inner.top < outer.top || inner.bottom > outer.bottom) code.scrollTop += inner.top - outer.top - outer.height / 3;
      }
    }
  };
  page.onHover((nodes) => mark(nodes, "hovered", false));
  const current = (): void => {
    const { selected, step } = store.state;
    const place = Number(selected?.slice(1));
    const chosen = selected === null ? [] : selected[0] === "n" ? [place] : selected[0] === "e" ? [program.edges[place]?.target ?? -1] : [];
    mark(chosen.filter((node) => program.nodes[node] !== undefined), "current", true);
    const stage = page.graph.plan.stages[step - 1];
    mark(stage === undefined || page.atRest() ? [] : stage.nodes.slice(-1), "running", true);
  };
  store.on(["selected", "step"], current);
  current();
  return element;
}
