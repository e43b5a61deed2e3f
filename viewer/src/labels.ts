// What stands in the boxes and on the wires.

import { width, short } from "./metrics";
import { added, bar, brief, dot, isLetter, isScalar, modulus, named, real, scalar, shapeText, shown, subscript } from "./numbers";
import type { Index, Jacobian, Numbers } from "./program";
import { size } from "./program";
import { tally, type Schedule } from "./schedule";
import type { State } from "./state";
import { arrayPicture, thumbnailSize } from "./heatmap";
import { t } from "./strings";
import type { Item, Link } from "./visible";

const LONGEST_NAME = 18;
const LONGEST_EXPRESSION = 26;
const LONGEST_SYMBOL = 16;
/** As long as most numbers are. */
const LONG = "0.0000";

export interface BoxLabel {
  name: string;
  expression: string;
  value: string;
  shape: string;
  badge: string;
  /** The least room for the value, in pixels: so that boxes keep their sizes while an input is moved. */
  room: number;
  /** A picture of the entries, where there are too many to be printed. */
  picture: { href: string; width: number; height: number } | null;
}

/** The name of a use: x₂, or x₁,₃ where several go to the same closed group. */
export function useName(index: Index, edges: number[]): string {
  const name = index.program.nodes[index.program.edges[edges[0]].source].name;
  const uses = edges.map((edge) => index.program.edges[edge].use).filter((use) => use !== null);
  uses.sort((a, b) => a - b);
  if (uses.length === 0 || (uses.length > 1 && uses.length === index.outgoing[index.program.edges[edges[0]].source].length)) return name;
  return name + (uses.length > 3 ? `${subscript(uses[0])}…${subscript(uses[uses.length - 1])}` : uses.map(subscript).join(","));
}

export function itemName(index: Index, item: Item): string {
  if (item.kind === "node") return index.program.nodes[item.nodes[0]].name;
  if (item.kind === "use") return useName(index, item.edges);
  const { groups } = index.program;
  if (item.kind === "group") return groups[item.group!].title;
  const [first, last] = [groups[item.folded[0]].title, groups[item.folded[item.times - 1]].title];
  return `${first === last ? first : `${short(first, 12)} … ${short(last, 12)}`} ×${item.times}`;
}

export function resultName(index: Index): string {
  const { result, nodes } = index.program;
  return result === null ? "f" : nodes[result].name;
}

export function boxLabel(index: Index, item: Item): BoxLabel {
  const name = short(itemName(index, item), item.kind === "group" || item.kind === "fold" ? 36 : LONGEST_NAME);
  if (item.kind === "group" || item.kind === "fold") {
    return { name, expression: "", value: t("contains", { n: item.nodes.length }), shape: "", badge: "", room: 0, picture: null };
  }
  const node = index.program.nodes[item.nodes[0]];
  const expression = node.op === null || node.expression === node.name ? "" : short(node.expression, LONGEST_EXPRESSION);
  const shape = isScalar(node.value) ? "" : shapeText(node.value.shape);
  const text = brief(node.value);
  const picture = text.startsWith("‖") ? arrayPicture(node.value) : null;
  const badge = longest(badgeText(index, item, "reverse"), badgeText(index, item, "forward"));
  const room = changes(index) ? Math.max(width(LONG, "value"), badge === "" ? 0 : width(`${badgeName(itemName(index, item))} ${LONG}`, "badge") - 10) : 0;
  return { name, expression, value: picture === null ? text : "", shape, badge, room, picture };
}

/** Whether the numbers may change, as inputs are moved. */
function changes(index: Index): boolean {
  return index.program.replay !== null && index.program.replay !== undefined;
}

function longest(one: string, other: string): string {
  return width(one, "badge") >= width(other, "badge") ? one : other;
}

/** The badge of an item when everything has been reported. */
function badgeText(index: Index, item: Item, direction: State["direction"]): string {
  const name = badgeName(itemName(index, item));
  const node = index.program.nodes[item.nodes[0]];
  const numbers = direction === "forward" ? node.tangent : node.adjoint;
  if (numbers === null) return "";
  return named(direction === "forward" ? dot(name) : bar(name), numbers);
}

/** A name that is short enough to be repeated on a badge; a longer one stands in the box already. */
function badgeName(name: string): string {
  return isLetter(name) ? name : "";
}

export interface Badge {
  text: string;
  /** Whether all consumers have reported. */
  complete: boolean;
}

/** What is known of an item's derivative after some steps; null if nothing is. */
export function badge(index: Index, plan: Schedule, state: State, item: Item): Badge | null {
  if (item.kind === "group" || item.kind === "fold") return null;
  const place = item.nodes[0];
  const node = index.program.nodes[place];
  const name = badgeName(itemName(index, item));
  if (state.direction === "forward") {
    if (node.tangent === null || plan.derivativeAt[place] > state.step) return null;
    return { text: named(dot(name), node.tangent), complete: true };
  }
  const bare = bar(name);
  if (place === index.program.result) {
    return plan.derivativeAt[place] <= state.step && node.adjoint !== null ? { text: named(bare, node.adjoint), complete: true } : null;
  }
  const edges = item.kind === "use" ? item.edges : index.outgoing[place];
  const { terms, total } = tally(index, plan, state.step, edges);
  if (terms.length === 0) return null;
  if (terms.length < total) return { text: `${bare} ${partialSum(terms, total)}`, complete: false };
  const all = index.outgoing[place].length === edges.length;
  const sum = all ? node.adjoint : terms.length === 1 ? terms[0] : added(terms);
  return { text: sum === null ? `${bare} ${partialSum(terms, total)}` : named(bare, sum), complete: true };
}

export function partialSum(terms: Numbers[], total: number): string {
  const values = terms.map(scalar);
  if (values.some((value) => value === null || Array.isArray(value))) return `${terms.length}/${total}`;
  const sum = (values as number[]).reduce((a, b) => a + b, 0);
  return terms.length < total ? `${shown(sum)} + …` : shown(sum);
}

export interface WireLabel {
  symbol: string;
  text: string;
  jacobian: Jacobian | null;
  width: number;
  height: number;
}

const PADDING = 7;

export function wireLabel(index: Index, link: Link, labels: State["labels"]): WireLabel {
  const edge = index.program.edges[link.edges[0]];
  const { jacobian } = edge;
  if (link.edges.length > 1) {
    // Several uses, each with a local derivative of its own, which are seen when the group is open.
    const text = t("several", { n: link.edges.length });
    return { symbol: "", text, jacobian: null, width: width(text, "label") + 2 * PADDING, height: 22 };
  }
  if (isScalarMap(jacobian)) {
    const value = entryText(jacobian);
    const symbol = short(jacobian.symbol, LONGEST_SYMBOL);
    const plain = symbol === "" || symbol === value || Number(symbol) === Number(value.replace("−", "-"));
    const text = plain ? value : labels === "symbols" ? "" : ` = ${value}`;
    const italic = plain ? "" : symbol;
    const room = changes(index) && symbol !== "1" && value !== "" && labels !== "symbols" ? width(plain ? LONG : ` = ${LONG}`, "label") : 0;
    return { symbol: italic, text, jacobian: null, width: width(italic, "symbol") + Math.max(room, width(text, "label")) + 2 * PADDING, height: 22 };
  }
  const symbol = short(jacobian.symbol === "" ? jacobian.structure : jacobian.symbol, LONGEST_SYMBOL);
  const text = labels === "symbols" ? "" : `  ${jacobianSize(jacobian)}`;
  const [pictureWidth, pictureHeight] = thumbnailSize(size(jacobian.out_shape), size(jacobian.in_shape));
  const all = width(symbol, "symbol") + width(text, "label") + 6 + pictureWidth + 2 * PADDING;
  return { symbol, text, jacobian, width: all, height: Math.max(22, pictureHeight + 6) };
}

export function isScalarMap(jacobian: Jacobian): boolean {
  return jacobian.out_shape.length === 0 && jacobian.in_shape.length === 0;
}

/** The one entry of a scalar local derivative. */
export function entryText(jacobian: Jacobian): string {
  if (jacobian.entries !== null && jacobian.entries.values.length === 1) {
    const entry = jacobian.entries.values[0];
    return shown(Array.isArray(entry) ? [real(entry[0]), real(entry[1])] : real(entry));
  }
  return jacobian.structure === "identity" ? "1" : jacobian.structure === "zero" ? "0" : "";
}

export function jacobianSize(jacobian: Jacobian): string {
  return `${size(jacobian.out_shape)}×${size(jacobian.in_shape)}`;
}

/** `∂v/∂x₂`, of one edge. */
export function partial(index: Index, edge: number): string {
  return `∂${index.program.nodes[index.program.edges[edge].target].name}/∂${sourceName(index, edge)}`;
}

/** What an edge comes from, with the number of the use: x₂ of an input, v₍₂₎ of a value that the step takes twice. */
export function sourceName(index: Index, edge: number): string {
  const { source, use, twin = null } = index.program.edges[edge];
  const number = use !== null ? subscript(use) : twin !== null ? `₍${subscript(twin)}₎` : "";
  return index.program.nodes[source].name + number;
}

/** The largest modulus of what flows through, for widths and heat. */
export function flowOf(index: Index, edge: number): number {
  return Math.abs(modulus(real(index.program.edges[edge].flow)));
}
