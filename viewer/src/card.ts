// The card of what is selected: a node, an edge, a group, or the paths that are lit.

import { h, replace } from "./dom";
import { arrayView, isSmall, matrixPicture, matrixTable } from "./grids";
import { entryText, isScalarMap, jacobianSize, partial, resultName, sourceName } from "./labels";
import { bar, bytes, count, dot, real, seconds, shapeText, shown } from "./numbers";
import type { Page } from "./page";
import { type Finding, membersOf, type Numbers, size } from "./program";
import { marked } from "./health";
import { chosenPaths } from "./paths";
import { t } from "./strings";

type Row = [string, Node | string];

export function card(page: Page): HTMLElement {
  const body = h("div", { class: "body" });
  const element = h("section", { class: "card", "aria-label": t("details") }, body);
  const show = (): void => {
    const { selected, paths } = page.store.state;
    const kind = selected?.[0];
    const place = Number(selected?.slice(1));
    const { program } = page.index;
    if (kind === "n" && program.nodes[place] !== undefined) replace(body, ...nodeCard(page, place));
    else if (kind === "e" && program.edges[place] !== undefined) replace(body, ...edgeCard(page, place));
    else if (kind === "g" && program.groups[place] !== undefined) replace(body, ...groupCard(page, place));
    else if (paths.length > 0) replace(body, ...chosenPaths(page));
    else replace(body, ...overview(page));
  };
  page.store.on(["selected", "paths", "scheme", "open", "tab"], show);
  show();
  return element;
}

function list(rows: (Row | null)[]): HTMLElement {
  return h("dl", {}, ...rows.flatMap((row) => (row === null ? [] : [h("dt", {}, row[0]), h("dd", {}, row[1])])));
}

function heading(kind: string, title: string): HTMLElement {
  return h("h3", {}, h("span", { class: "kind" }, kind), " ", h("span", { class: "math" }, title));
}

function place(page: Page, site: number | null): Row | null {
  if (site === null) return null;
  const { file, line, text } = page.index.program.sites[site];
  return [t("lineAt", { line }), h("code", { title: file }, text || file.split("/").pop()!)];
}

function findingsOf(page: Page, which: (finding: Finding) => boolean): Node[] {
  return page.index.program.findings.filter(which).map((finding) => h("p", { class: `finding ${finding.severity}` }, ...marked(finding.message)));
}

/** What to read before anything is selected: the inputs with their derivatives. */
function overview(page: Page): Node[] {
  const { program } = page.index;
  const result = resultName(page.index);
  const rows = (program.result === null ? [] : program.inputs.slice(0, 8)).map((input): Row => {
    const { name, adjoint } = program.nodes[input];
    return [`∂${result}/∂${name}`, adjoint === null ? "0" : arrayView(adjoint, 12)];
  });
  return [
    h("h3", {}, h("span", { class: "math" }, program.title)),
    program.failure === null ? null : h("p", { class: "finding error" }, program.failure),
    list(rows),
    h("p", { class: "hint" }, t("nothingSelected")),
  ].filter((each) => each !== null);
}

function nodeCard(page: Page, at: number): Node[] {
  const { index } = page;
  const node = index.program.nodes[at];
  const derivative = (name: string, numbers: Numbers | null): Row | null => (numbers === null ? null : [name, arrayView(numbers)]);
  const parts: Node[] = [
    heading(t(index.isInput[at] ? "input" : at === index.program.result ? "result" : "node"), node.op === null ? node.name : `${node.name} = ${node.expression}`),
    list([
      node.op === null ? null : [t("operation"), node.op],
      node.value.shape.length === 0 ? null : [t("shape"), shapeText(node.value.shape)],
      [t("type"), node.value.dtype],
      [t("value"), arrayView(node.value)],
      derivative(bar(node.name), node.adjoint),
      derivative(dot(node.name), node.tangent),
      place(page, node.site),
      node.seconds === null ? null : [t("seconds"), seconds(real(node.seconds))],
      node.pull_seconds === null ? null : [t("pullSeconds"), seconds(real(node.pull_seconds))],
      node.kept_bytes === 0 ? null : [t("kept"), bytes(node.kept_bytes)],
      Number(node.flops) === 0 ? null : [t("operations"), count(node.flops)],
    ]),
    ...findingsOf(page, (finding) => finding.node === at),
  ];
  for (let group = index.groupOf[at]; group !== null; group = index.program.groups[group].parent) {
    const which = group;
    if (page.store.state.open.has(which)) {
      parts.push(h("button", { type: "button", onclick: () => page.graph.toggleGroup(which) }, t("closeGroup", { title: index.program.groups[which].title })));
    }
  }
  return parts;
}

function edgeCard(page: Page, at: number): Node[] {
  const { index } = page;
  const edge = index.program.edges[at];
  const { jacobian } = edge;
  const [source, target] = [index.program.nodes[edge.source], index.program.nodes[edge.target]];
  const [rows, columns] = [size(jacobian.out_shape), size(jacobian.in_shape)];
  const isScalar = isScalarMap(jacobian);
  const number = isScalar ? entryText(jacobian) : "";
  const symbol = jacobian.symbol === "" ? number : jacobian.symbol === number || number === "" ? jacobian.symbol : `${jacobian.symbol} = ${number}`;
  const names = { rowName: target.name, rowShape: jacobian.out_shape, columnName: source.name, columnShape: jacobian.in_shape };
  const label = `${partial(index, at)}, ${jacobianSize(jacobian)}, ${jacobian.structure}`;
  const parts: Node[] = [
    heading(t("edge"), `${sourceName(index, at)} → ${target.name}`),
    h("p", { class: "equation math" }, `${partial(index, at)} = ${symbol}`),
    isScalar
      ? h("p", {}, t("unit", { source: source.name, target: target.name, value: number }))
      : h("p", {}, t("unitArray", { source: source.name, target: target.name })),
  ];
  if (jacobian.entries !== null) {
    if (isSmall(rows, columns)) parts.push(h("div", { class: "scroll jacobian", tabindex: 0, role: "region", "aria-label": label }, matrixTable(jacobian.entries, names)));
    else parts.push(matrixPicture(jacobian.entries, names, label));
  } else if (!isScalar) parts.push(h("p", { class: "hint" }, t("notShown", { rows, columns })));
  if (!isScalar) parts.push(h("button", { type: "button", onclick: () => page.store.set({ tab: "shapes" }) }, t("showShapes")));
  parts.push(
    list([
      isScalar ? null : [t("matrix"), `${rows}×${columns}`],
      [t("structure"), jacobian.structure],
      isScalar || Number(jacobian.stored) >= rows * columns ? null : [t("storedNumbers"), t("storedOf", { stored: count(jacobian.stored), all: count(rows * columns) })],
      [t("operation"), target.op ?? ""],
      edge.use === null ? null : [t("input"), t("useOf", { use: edge.use, name: source.name })],
      edge.contribution === null ? null : [t("contribution"), arrayView(edge.contribution)],
      [t("flowThrough"), shown(real(edge.flow))],
      [t("pathsThrough"), count(edge.paths)],
      place(page, target.site),
      target.seconds === null ? null : [t("seconds"), seconds(real(target.seconds))],
      target.kept_bytes === 0 ? null : [t("kept"), bytes(target.kept_bytes)],
    ]),
    ...findingsOf(page, (finding) => finding.edge === at),
  );
  return parts;
}

function groupCard(page: Page, at: number): Node[] {
  const { index, graph, store } = page;
  const group = index.program.groups[at];
  const members = membersOf(index.program, at);
  const alike = index.program.groups.filter((each) => each.like === at).length + 1;
  const sum = (part: (node: number) => number): number => members.reduce((total, node) => total + part(node), 0);
  const time = sum((node) => real(index.program.nodes[node].seconds ?? 0));
  const kept = sum((node) => index.program.nodes[node].kept_bytes);
  const kinds: Record<string, string> = { call: t("call"), loop: t("loop"), iteration: t("iteration"), line: t("line") };
  const drawn = graph.visible.items.find((item) => item.group === at);
  return [
    heading(kinds[group.kind] ?? t("group"), group.title),
    list([
      [t("numbers"), t("contains", { n: members.length })],
      alike > 1 ? [t("repeats", { n: alike }), `×${alike}`] : null,
      time > 0 ? [t("seconds"), seconds(time)] : null,
      kept > 0 ? [t("kept"), bytes(kept)] : null,
    ]),
    drawn === undefined
      ? h("button", { type: "button", onclick: () => graph.toggleGroup(at) }, store.state.open.has(at) ? t("closeGroup", { title: group.title }) : t("open"))
      : h("button", { type: "button", onclick: () => graph.activate(drawn) }, t(drawn.kind === "fold" ? "openMore" : "open")),
  ];
}

