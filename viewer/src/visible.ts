// Which boxes and wires are drawn: nodes, uses of shared inputs, closed groups, and repetitions that are folded.

import { type Index, membersOf } from "./program";
import type { State } from "./state";

export interface Item {
  key: string;
  kind: "node" | "use" | "group" | "fold";
  /** The nodes that it stands for, in order. */
  nodes: number[];
  /** The edges of a use. */
  edges: number[];
  /** A group, or the first of the repetitions. */
  group: number | null;
  /** Of a fold the groups in it. */
  folded: number[];
  /** How many repetitions are folded into it. */
  times: number;
}

export interface Link {
  key: string;
  source: number;
  target: number;
  /** The edges that it stands for. */
  edges: number[];
}

export interface Visible {
  items: Item[];
  links: Link[];
  /** The item that a node is drawn in; of a node that is drawn once per use, the first use. */
  itemOf: number[];
}

/** So many uses of one input are drawn apart in any picture; more only if twice as much else is drawn. */
const MOST_USES = 40;
/** As many repetitions are drawn on their own when a fold is opened. */
export const UNFOLD = 5;
/** As many when the group that they are in is opened. */
export const FIRST = 2;
/** Fewer repetitions are not folded. */
const FOLD = 3;

export function visible(index: Index, state: Pick<State, "split" | "open" | "unfolded">): Visible {
  const { program } = index;
  const items: Item[] = [];
  const itemOf = new Array<number>(program.nodes.length).fill(-1);
  const place = (item: Item): void => {
    for (const node of item.nodes) itemOf[node] = items.length;
    items.push(item);
  };
  const plain = (node: number): Item => ({ key: `n${node}`, kind: "node", nodes: [node], edges: [], group: null, folded: [], times: 1 });

  const show = (nodes: number[], groups: number[]): void => {
    for (const node of nodes) place(plain(node));
    for (const run of runs(index, groups)) {
      const [from, to] = run.length <= FOLD ? [0, run.length] : (state.unfolded.get(run[0]) ?? [0, 0]);
      fold(run[0], "before", run.slice(0, from));
      for (const each of run.slice(from, to)) showGroup(each);
      fold(run[0], "after", run.slice(to));
    }
  };
  const fold = (group: number, side: "before" | "after", folded: number[]): void => {
    if (folded.length === 0) return;
    const members = folded.flatMap((each) => membersOf(program, each));
    place({ key: `${side === "after" ? "f" : "h"}${group}`, kind: "fold", nodes: members, edges: [], group, folded, times: folded.length });
  };
  const showGroup = (group: number): void => {
    if (state.open.has(group)) show(program.groups[group].nodes, program.groups[group].groups);
    else place({ key: `g${group}`, kind: "group", nodes: membersOf(program, group), edges: [], group, folded: [], times: 1 });
  };
  const top = program.nodes.map((_, node) => node).filter((node) => index.groupOf[node] === null);
  show(
    top,
    program.groups.map((_, group) => group).filter((group) => program.groups[group].parent === null),
  );

  const linked = new Map<string, Link>();
  const connect = (source: number, target: number, edge: number, apart: boolean): void => {
    const key = apart ? `e${edge}` : `${items[source].key}>${items[target].key}`;
    const link = linked.get(key);
    if (link !== undefined) link.edges.push(edge);
    else linked.set(key, { key, source, target, edges: [edge] });
  };
  const copies = new Map<string, number>();
  const most = Math.max(MOST_USES, items.length / 2);
  program.edges.forEach((edge, k) => {
    let source = itemOf[edge.source];
    const target = itemOf[edge.target];
    if (source === target) return;
    const uses = index.outgoing[edge.source].length;
    const shared = state.split && index.isInput[edge.source] && items[source].kind !== "group" && items[source].kind !== "fold";
    if (shared && uses > 1 && uses <= most) {
      // Uses inside one closed group are one: what is in it is not shown.
      const bundled = items[target].kind === "group" || items[target].kind === "fold";
      const name = bundled ? `u${edge.source}>${items[target].key}` : `u${edge.source}.${k}`;
      let copy = copies.get(name);
      if (copy === undefined) {
        copy = items.length;
        copies.set(name, copy);
        items.push({ key: name, kind: "use", nodes: [edge.source], edges: [], group: null, folded: [], times: 1 });
      }
      items[copy].edges.push(k);
      source = copy;
    }
    const ends = [items[source].kind, items[target].kind];
    connect(source, target, k, !ends.includes("group") && !ends.includes("fold"));
  });

  // An input that is drawn once per use is not drawn besides.
  const drawnApart = new Set(items.filter((item) => item.kind === "use").map((item) => item.nodes[0]));
  const kept = items
    .map((item, k) => ({ item, k }))
    .filter(({ item }) => !(item.kind === "node" && drawnApart.has(item.nodes[0])));
  const rank = ({ item }: { item: Item }): number => {
    if (item.kind !== "use") return item.nodes[item.nodes.length - 1];
    const edge = program.edges[item.edges[0]];
    return edge.target - 0.5 + edge.slot * 1e-3;
  };
  kept.sort((a, b) => rank(a) - rank(b) || a.k - b.k);
  const renumbered = new Array<number>(items.length).fill(-1);
  kept.forEach(({ k }, n) => (renumbered[k] = n));
  const order = kept.map(({ item }) => item);
  const links = [...linked.values()].map((link) => ({ ...link, source: renumbered[link.source], target: renumbered[link.target] }));
  links.sort((a, b) => a.target - b.target || program.edges[a.edges[0]].slot - program.edges[b.edges[0]].slot || a.source - b.source);
  order.forEach((item, n) => {
    for (const node of item.nodes) if (item.kind !== "use" || renumbered[itemOf[node]] === -1) itemOf[node] = -2 - n;
  });
  const places = itemOf.map((place) => (place <= -2 ? -2 - place : place));
  return { items: order, links, itemOf: places };
}

/** Groups beside each other that repeat the same. */
function runs(index: Index, groups: number[]): number[][] {
  const like = (group: number): number => index.program.groups[group].like ?? group;
  const found: number[][] = [];
  for (const group of groups) {
    const last = found[found.length - 1];
    if (last !== undefined && like(last[0]) === like(group)) last.push(group);
    else found.push([group]);
  }
  return found;
}

/** The groups that are open at first: the outermost ones, as long as no more than `most` boxes are drawn. */
export function openAtFirst(index: Index, most = 60): Set<number> {
  const { program } = index;
  const open = new Set<number>();
  const ungrouped = index.groupOf.filter((group) => group === null).length;
  let boxes = ungrouped + program.groups.filter((group) => group.parent === null).length;
  const waiting = [...program.groups.keys()].filter((group) => program.groups[group].parent === null);
  while (waiting.length > 0) {
    const group = waiting.shift()!;
    const { nodes, groups } = program.groups[group];
    const apart = runs(index, groups).filter((run) => run.length <= FOLD).flat();
    const inner = apart.length + runs(index, groups).filter((run) => run.length > FOLD).length;
    // A loop says more than the fold of its iterations.
    if (nodes.length === 0 && apart.length === 0) continue;
    if (boxes + nodes.length + inner - 1 > most) continue;
    boxes += nodes.length + inner - 1;
    open.add(group);
    waiting.push(...apart);
  }
  return open;
}

/** The groups that a node is in, outermost first. */
export function groupsAround(index: Index, node: number): number[] {
  const around: number[] = [];
  for (let group = index.groupOf[node]; group !== null; group = index.program.groups[group].parent) around.unshift(group);
  return around;
}

/** The open groups that an item is drawn in, outermost first; the use of an input is drawn where it is used. */
export function openAround(index: Index, shown: Visible, item: Item): number[] {
  const { program } = index;
  if (item.kind === "use") return openAround(index, shown, shown.items[shown.itemOf[program.edges[item.edges[0]].target]]);
  if (item.kind === "node") return groupsAround(index, item.nodes[0]);
  const around: number[] = [];
  for (let group = program.groups[item.folded[0] ?? item.group!].parent; group !== null; group = program.groups[group].parent) around.unshift(group);
  return around;
}

/** Open groups and unfolded repetitions such that a node is drawn on its own. */
export function revealed(index: Index, state: State, node: number): Pick<State, "open" | "unfolded"> {
  const { program } = index;
  const open = new Set(state.open);
  const unfolded = new Map(state.unfolded);
  const roots = [...program.groups.keys()].filter((group) => program.groups[group].parent === null);
  for (const group of groupsAround(index, node)) {
    open.add(group);
    const parent = program.groups[group].parent;
    const siblings = parent === null ? roots : program.groups[parent].groups;
    const at = siblings.indexOf(group);
    const like = program.groups[group].like ?? group;
    let first = at;
    while (first > 0 && (program.groups[siblings[first - 1]].like ?? siblings[first - 1]) === like) first -= 1;
    const [from, to] = unfolded.get(siblings[first]) ?? [0, 0];
    if (at - first < from || at - first >= to) unfolded.set(siblings[first], [at - first, at - first + 1]);
  }
  return { open, unfolded };
}
