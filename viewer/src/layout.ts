// Where boxes, lines and labels go: a translation of chainrule/explain/drawing/layout.py, which says how and why.
// Both are held to the same tests/explain/golden/layout.

import { heights, inOrder, type Piece, straighten } from "./rows";

const LAYER_GAP = 22;
const STEEPEST_GAP = 64;
const BORDER = 16;
const TITLE = 26;
/** How much a line wants to be level where it passes a layer, beside where it meets a box. */
const LEVEL = 8;

export interface Box {
  id: number;
  width: number;
  height: number;
  inputs: number;
  outputs: number;
  role: "box" | "entry" | "exit";
  port: number;
  inside: Graph | null;
}

export interface Line {
  source: number;
  target: number;
  output: number;
  input: number;
  label_width: number;
  label_height: number;
}

export interface Graph {
  boxes: Box[];
  lines: Line[];
}

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Route {
  points: [number, number][];
  label: Rectangle | null;
}

export interface Layout {
  width: number;
  height: number;
  boxes: Rectangle[];
  routes: Route[];
  layers: number[];
  inside: Map<number, Layout>;
}

interface Items {
  rows: number[][];
  widths: number[];
  heights: number[];
  chains: number[][];
  lefts: Piece[][];
  rights: Piece[][];
}

interface Sized {
  boxes: Box[];
  inside: Map<number, Layout>;
  entries: number[][];
  exits: number[][];
}

type Ends = [number, number];

export function layout(graph: Graph): Layout {
  const { boxes, inside, entries, exits } = sized(graph);
  const order = boxes.map((_, k) => k).sort((a, b) => boxes[a].id - boxes[b].id);
  const place = new Map(order.map((k) => [boxes[k].id, k]));
  const ends = graph.lines.map((line): Ends => [place.get(line.source)!, place.get(line.target)!]);
  const layers = layersOf(boxes, order, ends);
  const items = itemsOf(graph.lines, boxes, order, ends, layers, entries, exits);
  const rows = inOrder(items.rows, items.lefts, items.rights);
  let y = heights(rows, items.heights, items.lefts, items.rights);
  straighten(rows, items.heights, [...items.chains].sort(lexicographic), y);
  const { starts, widths } = columns(items, y);

  let top = y.length > 0 ? Infinity : 0;
  let bottom = y.length > 0 ? -Infinity : 0;
  y.forEach((each, k) => {
    top = Math.min(top, each - items.heights[k] / 2);
    bottom = Math.max(bottom, each + items.heights[k] / 2);
  });
  y = y.map((each) => each - top);
  const last = starts.length - 1;
  const placed: Layout = {
    width: last >= 0 ? starts[last] + widths[last] : 0,
    height: bottom - top,
    boxes: [],
    routes: [],
    layers,
    inside: new Map(),
  };
  boxes.forEach((box, k) => {
    let x = starts[2 * layers[k]] + (widths[2 * layers[k]] - box.width) / 2;
    if (box.role === "entry") x = -BORDER;
    if (box.role === "exit") x = placed.width + BORDER;
    placed.boxes.push({ x, y: y[k] - box.height / 2, width: box.width, height: box.height });
  });
  graph.lines.forEach((line, j) => {
    const [source, target] = ends[j];
    const chain = items.chains[j];
    const first = placed.boxes[source];
    let row = 2 * layers[source];
    const out = y[source] + exits[source][line.output];
    const into = y[target] + entries[target][line.input];
    const points: [number, number][] = [
      [first.x + first.width, out],
      [starts[row] + widths[row], out],
    ];
    for (const item of chain) {
      row += 1;
      points.push([starts[row], y[item]], [starts[row] + widths[row], y[item]]);
    }
    points.push([starts[row + 1], into], [placed.boxes[target].x, into]);
    let label: Rectangle | null = null;
    if (line.label_width > 0) {
      const middle = starts[row] + widths[row] / 2;
      const { label_width: width, label_height: height } = line;
      label = { x: middle - width / 2, y: y[chain[chain.length - 1]] - height / 2, width, height };
    }
    placed.routes.push({ points, label });
  });
  for (const [k, inner] of inside) {
    move(inner, placed.boxes[k].x + BORDER, placed.boxes[k].y + TITLE);
    placed.inside.set(k, inner);
  }
  return placed;
}

function lexicographic(a: number[], b: number[]): number {
  for (let n = 0; n < a.length && n < b.length; n++) if (a[n] !== b[n]) return a[n] - b[n];
  return a.length - b.length;
}

function ports(height: number, count: number): number[] {
  return Array.from({ length: count }, (_, port) => height * ((port + 1) / (count + 1) - 0.5));
}

function sized(graph: Graph): Sized {
  const result: Sized = { boxes: [], inside: new Map(), entries: [], exits: [] };
  graph.boxes.forEach((box, k) => {
    const entry = ports(box.height, box.inputs);
    const leave = ports(box.height, box.outputs);
    if (box.inside !== null) {
      const graphInside = box.inside;
      const inner = layout(graphInside);
      result.inside.set(k, inner);
      let width = inner.width + 2 * BORDER;
      const height = inner.height + TITLE + BORDER;
      if (width < box.width) {
        move(inner, (box.width - width) / 2, 0);
        reachBorders(graphInside, inner, (box.width - width) / 2);
        width = box.width;
      }
      graphInside.boxes.forEach((each, n) => {
        const at = inner.boxes[n].y + TITLE - height / 2;
        if (each.role === "entry") entry[each.port] = at;
        if (each.role === "exit") leave[each.port] = at;
      });
      box = { ...box, width, height };
    }
    result.boxes.push(box);
    result.entries.push(entry);
    result.exits.push(leave);
  });
  return result;
}

function reachBorders(graph: Graph, inner: Layout, distance: number): void {
  const roles = new Map(graph.boxes.map((box) => [box.id, box.role]));
  graph.boxes.forEach((box, k) => {
    if (box.role !== "box") inner.boxes[k].x += box.role === "entry" ? -distance : distance;
  });
  graph.lines.forEach((line, j) => {
    const points = inner.routes[j].points;
    if (roles.get(line.source) === "entry") points[0][0] -= distance;
    if (roles.get(line.target) === "exit") points[points.length - 1][0] += distance;
  });
}

function layersOf(boxes: Box[], order: number[], ends: Ends[]): number[] {
  const users: number[][] = boxes.map(() => []);
  const missing = boxes.map(() => 0);
  for (const [source, target] of ends) {
    users[source].push(target);
    missing[target] += 1;
  }
  const layers = boxes.map(() => 0);
  const ready = order.filter((k) => missing[k] === 0);
  for (let n = 0; n < ready.length; n++) {
    const k = ready[n];
    for (const user of users[k]) {
      layers[user] = Math.max(layers[user], layers[k] + 1);
      missing[user] -= 1;
      if (missing[user] === 0) ready.push(user);
    }
  }
  if (ready.length < boxes.length) throw new Error("the lines of a graph that is drawn in layers must not form a cycle");
  const alone = boxes.map((box) => box.role !== "entry");
  for (const k of ready) for (const user of users[k]) alone[user] &&= alone[k] && users[k].length === 1;
  for (const k of ready.reverse()) {
    if (users[k].length > 0 && alone[k]) {
      layers[k] = users[k].reduce((least, user) => Math.min(least, layers[user]), Infinity) - 1;
    }
  }
  const last = layers.reduce((most, each) => Math.max(most, each), 0);
  boxes.forEach((box, k) => {
    if (box.role === "exit") layers[k] = last;
  });
  return layers;
}

function itemsOf(
  lines: Line[],
  boxes: Box[],
  order: number[],
  ends: Ends[],
  layers: number[],
  entries: number[][],
  exits: number[][],
): Items {
  const count = 2 * layers.reduce((most, each) => Math.max(most, each), -1) + 1;
  const items: Items = {
    rows: Array.from({ length: Math.max(0, count) }, () => []),
    widths: boxes.map((box) => box.width),
    heights: boxes.map((box) => box.height),
    chains: lines.map(() => []),
    lefts: boxes.map(() => []),
    rights: boxes.map(() => []),
  };
  const incoming: number[][] = boxes.map(() => []);
  const used = boxes.map(() => false);
  const sorted = lines.map((_, j) => j).sort((a, b) => lines[a].input - lines[b].input || lines[a].source - lines[b].source || a - b);
  for (const j of sorted) {
    incoming[ends[j][1]].push(j);
    used[ends[j][0]] = true;
  }
  const met = used.map((each) => !each);
  for (const sink of order) {
    if (used[sink]) continue;
    items.rows[2 * layers[sink]].push(sink);
    const stack: [number, number][] = [[sink, 0]];
    while (stack.length > 0) {
      const [k, n] = stack.pop()!;
      if (n === incoming[k].length) continue;
      stack.push([k, n + 1]);
      const j = incoming[k][n];
      const source = ends[j][0];
      addLine(items, j, lines[j], source, k, 2 * layers[source], 2 * layers[k], exits, entries);
      if (!met[source]) {
        met[source] = true;
        items.rows[2 * layers[source]].push(source);
        stack.push([source, 0]);
      }
    }
  }
  return items;
}

/** Gives a line a waypoint in each row that it passes, and links what is beside each other on its way. */
function addLine(
  items: Items,
  j: number,
  line: Line,
  source: number,
  target: number,
  first: number,
  last: number,
  exits: number[][],
  entries: number[][],
): void {
  let here = source;
  let out = exits[source][line.output];
  for (let row = first + 1; row <= last; row++) {
    let there = target;
    let into = entries[target][line.input];
    if (row < last) {
      there = items.widths.length;
      into = 0;
      items.chains[j].push(there);
      items.rows[row].push(there);
      items.widths.push(row === last - 1 ? line.label_width : 0);
      items.heights.push(row === last - 1 ? line.label_height : 0);
      items.lefts.push([]);
      items.rights.push([]);
    }
    const downHere = 0.5 + (out !== 0 ? out / items.heights[here] : 0);
    const downThere = 0.5 + (into !== 0 ? into / items.heights[there] : 0);
    const weight = first + 1 < row && row < last ? LEVEL : 1;
    items.rights[here].push({ item: there, here: downHere, there: downThere, drop: out - into, weight });
    items.lefts[there].push({ item: here, here: downThere, there: downHere, drop: into - out, weight });
    here = there;
    out = 0;
  }
}

/** Where each row begins and how wide it is; steep lines get more room before the next. */
function columns(items: Items, y: number[]): { starts: number[]; widths: number[] } {
  const starts: number[] = [];
  const widths: number[] = [];
  let x = 0;
  for (const row of items.rows) {
    let width = 0;
    let steepest = 0;
    for (const item of row) {
      width = Math.max(width, items.widths[item]);
      for (const link of items.rights[item]) steepest = Math.max(steepest, Math.abs(y[link.item] - link.drop - y[item]));
    }
    starts.push(x);
    widths.push(width);
    x += width + Math.min(LAYER_GAP + steepest / 3, STEEPEST_GAP);
  }
  return { starts, widths };
}

function move(placed: Layout, x: number, y: number): void {
  for (const box of placed.boxes) {
    box.x += x;
    box.y += y;
  }
  for (const route of placed.routes) {
    for (const point of route.points) {
      point[0] += x;
      point[1] += y;
    }
    if (route.label !== null) {
      route.label.x += x;
      route.label.y += y;
    }
  }
  for (const inner of placed.inside.values()) move(inner, x, y);
}
