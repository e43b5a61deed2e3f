// Open groups as boxes with a drawing of their own inside: the nested graph that is laid out, and where all of it went.

import { type Box, type Graph, layout, type Layout, type Line, type Rectangle, type Route } from "./layout";

/** What is to be placed: boxes by their items, lines by their links, and the open groups round each item, outermost first. */
export interface Plan {
  boxes: Pick<Box, "width" | "height" | "inputs">[];
  lines: Line[];
  around: number[][];
}

export interface Placed {
  width: number;
  height: number;
  boxes: Rectangle[];
  routes: Route[];
  /** By open group its frame; one that others pass through, into it and out of it again, has none. */
  frames: Map<number, Rectangle>;
}

/** A group and what is in it: items, and groups; the outermost one is none. */
interface Nest {
  group: number | null;
  items: number[];
  nests: Nest[];
}

export function nested(plan: Plan): Placed {
  const root = acyclic(plan, grown(plan));
  const { graph, crossing } = graphOf(plan, root);
  const placed = layout(graph);
  const result: Placed = {
    width: placed.width,
    height: placed.height,
    boxes: plan.boxes.map(() => ({ x: 0, y: 0, width: 0, height: 0 })),
    routes: plan.lines.map(() => ({ points: [], label: null })),
    frames: new Map(),
  };
  collect(root, placed, crossing, result);
  return result;
}

function grown({ around }: Plan): Nest {
  const root: Nest = { group: null, items: [], nests: [] };
  around.forEach((groups, item) => {
    let nest = root;
    for (const group of groups) {
      let inner = nest.nests.find((each) => each.group === group);
      if (inner === undefined) nest.nests.push((inner = { group, items: [], nests: [] }));
      nest = inner;
    }
    nest.items.push(item);
  });
  // Round everything there is no frame.
  while (root.items.length === 0 && root.nests.length === 1) Object.assign(root, { items: root.nests[0].items, nests: root.nests[0].nests });
  return root;
}

/** Every item in a nest. */
function within(nest: Nest): number[] {
  return [...nest.items, ...nest.nests.flatMap(within)];
}

/** By item which of a nest's boxes it is in: its items are the first, then come the nests; -1 outside. */
function boxOf(plan: Plan, nest: Nest): number[] {
  const box = new Array<number>(plan.boxes.length).fill(-1);
  nest.items.forEach((item, k) => (box[item] = k));
  nest.nests.forEach((inner, k) => within(inner).forEach((item) => (box[item] = nest.items.length + k)));
  return box;
}

/** Takes the frames off that something leads out of and back into: such boxes have no order. */
function acyclic(plan: Plan, nest: Nest): Nest {
  for (;;) {
    const box = boxOf(plan, nest);
    const count = nest.items.length + nest.nests.length;
    const pairs = plan.lines.map(({ source, target }) => [box[source], box[target]]).filter(([a, b]) => a >= 0 && b >= 0 && a !== b);
    // What is left when boxes that nothing leads to, and those that lead nowhere, have been taken away again and again.
    const left = new Set(Array.from({ length: count }, (_, k) => k));
    for (const end of [1, 0]) {
      const degree = new Array<number>(count).fill(0);
      const next: number[][] = Array.from({ length: count }, () => []);
      for (const pair of pairs) {
        if (!left.has(pair[0]) || !left.has(pair[1])) continue;
        degree[pair[end]] += 1;
        next[pair[1 - end]].push(pair[end]);
      }
      const ready = [...left].filter((k) => degree[k] === 0);
      for (let n = 0; n < ready.length; n++) {
        left.delete(ready[n]);
        for (const k of next[ready[n]]) if (--degree[k] === 0) ready.push(k);
      }
    }
    const dissolved = nest.nests.filter((_, k) => left.has(nest.items.length + k));
    if (dissolved.length === 0) break;
    const kept = nest.nests.filter((each) => !dissolved.includes(each));
    nest = {
      group: nest.group,
      items: [...nest.items, ...dissolved.flatMap((each) => each.items)].sort((a, b) => a - b),
      nests: [...kept, ...dissolved.flatMap((each) => each.nests)],
    };
  }
  return { ...nest, nests: nest.nests.map((each) => acyclic(plan, each)) };
}

/** The items whose values a nest takes from outside, and those in it whose values are used outside: a port for each. */
function ports(plan: Plan, nest: Nest): { entries: number[]; exits: number[] } {
  const members = new Set(within(nest));
  const entries = new Set<number>();
  const exits = new Set<number>();
  for (const { source, target } of plan.lines) {
    if (members.has(source) === members.has(target)) continue;
    if (members.has(target)) entries.add(source);
    else exits.add(source);
  }
  return { entries: [...entries], exits: [...exits] };
}

/** By line the pieces of its way: which nest's drawing, and which line there; in the order in which it passes them. */
type Crossing = { nest: Nest; line: number }[][];

function graphOf(plan: Plan, root: Nest): { graph: Graph; crossing: Crossing } {
  const crossing: Crossing = plan.lines.map(() => []);
  const drawn = (nest: Nest): Graph => {
    const own = nest.group === null ? { entries: [], exits: [] } : ports(plan, nest);
    const inner = nest.nests.map((each) => ports(plan, each));
    const box = boxOf(plan, nest);
    const boxes: Box[] = nest.items.map((item) => ({ ...plan.boxes[item], id: item, outputs: 1, role: "box", port: 0, inside: null }));
    nest.nests.forEach((each, k) =>
      boxes.push({
        // Between the items before and after its first one.
        id: Math.min(...within(each)) + 0.5,
        width: 0,
        height: 0,
        inputs: inner[k].entries.length,
        outputs: inner[k].exits.length,
        role: "box",
        port: 0,
        inside: drawn(each),
      }),
    );
    const end = (role: "entry" | "exit", id: number, port: number): Box => ({ id, width: 0, height: 0, inputs: 1, outputs: 1, role, port, inside: null });
    own.entries.forEach((_, k) => boxes.push(end("entry", -1 - k, k)));
    own.exits.forEach((_, k) => boxes.push(end("exit", plan.boxes.length + 1 + k, k)));
    const lines: Line[] = [];
    const known = new Map<string, number>();
    plan.lines.forEach((line, j) => {
      const [from, to] = [box[line.source], box[line.target]];
      if ((from < 0 && to < 0) || (from === to && from >= nest.items.length)) return;
      const [leaves, enters] = [from >= nest.items.length ? inner[from - nest.items.length] : null, to >= nest.items.length ? inner[to - nest.items.length] : null];
      const last = to >= 0 && enters === null;
      const piece: Line = {
        source: from < 0 ? -1 - own.entries.indexOf(line.source) : boxes[from].id,
        target: to < 0 ? plan.boxes.length + 1 + own.exits.indexOf(line.source) : boxes[to].id,
        output: leaves === null ? 0 : leaves.exits.indexOf(line.source),
        input: to < 0 ? 0 : enters === null ? line.input : enters.entries.indexOf(line.source),
        label_width: last ? line.label_width : 0,
        label_height: last ? line.label_height : 0,
      };
      // The same value on the same way to a border is one line; each use of it has its own from there.
      const key = last ? `use ${j}` : `${piece.source} ${piece.output} ${piece.target} ${piece.input}`;
      const place = known.get(key) ?? lines.push(piece) - 1;
      known.set(key, place);
      crossing[j].push({ nest, line: place });
    });
    return { boxes, lines };
  };
  return { graph: drawn(root), crossing };
}

function collect(root: Nest, placed: Layout, crossing: Crossing, result: Placed): void {
  const drawings = new Map<Nest, Layout>();
  const visit = (nest: Nest, drawing: Layout): void => {
    drawings.set(nest, drawing);
    nest.items.forEach((item, k) => (result.boxes[item] = drawing.boxes[k]));
    nest.nests.forEach((inner, k) => {
      const place = nest.items.length + k;
      result.frames.set(inner.group!, drawing.boxes[place]);
      visit(inner, drawing.inside.get(place)!);
    });
  };
  visit(root, placed);
  crossing.forEach((pieces, j) => {
    const routes = pieces.map(({ nest, line }) => drawings.get(nest)!.routes[line]);
    // From the left to the right.
    routes.sort((a, b) => a.points[0][0] - b.points[0][0]);
    result.routes[j] = { points: routes.flatMap(({ points }) => points), label: routes.find(({ label }) => label !== null)?.label ?? null };
  });
}
