// The order of the steps: which values, and then which derivatives, are known after how many of them.

import type { Index, Numbers } from "./program";
import type { Visible } from "./visible";

export interface Stage {
  phase: "forward" | "backward" | "seed" | "tangent";
  /** The nodes whose turn it is, all drawn in one item. */
  nodes: number[];
  item: number;
}

export interface Schedule {
  stages: Stage[];
  /** After how many steps the value of a node is known. */
  valueAt: number[];
  /** After how many steps a node has passed its adjoint on (or, forward, has its tangent). */
  derivativeAt: number[];
}

export function schedule(index: Index, shown: Visible, direction: "reverse" | "forward"): Schedule {
  const { program } = index;
  const stages: Stage[] = [];
  const valueAt = program.nodes.map((_, node) => (index.isInput[node] ? 0 : Infinity));
  const derivativeAt = program.nodes.map(() => Infinity);
  const turn = (phase: Stage["phase"], node: number): void => {
    const item = shown.itemOf[node];
    const last = stages[stages.length - 1];
    const together = last !== undefined && last.phase === phase && (phase === "seed" || last.item === item);
    if (together) last.nodes.push(node);
    else stages.push({ phase, nodes: [node], item });
    if (phase === "forward" || phase === "tangent") valueAt[node] = stages.length;
    if (phase !== "forward") derivativeAt[node] = stages.length;
  };
  const steps = program.nodes.map((_, node) => node).filter((node) => !index.isInput[node]);
  if (direction === "forward") {
    for (const node of program.inputs) if (program.nodes[node].tangent !== null) turn("seed", node);
    for (const node of steps) turn("tangent", node);
    return { stages, valueAt, derivativeAt };
  }
  for (const node of steps) turn("forward", node);
  for (let node = program.nodes.length - 1; node >= 0; node--) {
    if (node === program.result || (!index.isInput[node] && program.nodes[node].adjoint !== null)) turn("backward", node);
  }
  return { stages, valueAt, derivativeAt };
}

export interface Tally {
  /** What the consumers have reported so far, and how many of them there are. */
  terms: Numbers[];
  total: number;
}

/** What a value has received from the uses that these edges are. */
export function tally(index: Index, plan: Schedule, step: number, edges: number[]): Tally {
  const paying = edges.filter((edge) => index.program.edges[edge].contribution !== null);
  const reported = paying.filter((edge) => plan.derivativeAt[index.program.edges[edge].target] <= step);
  return { terms: reported.map((edge) => index.program.edges[edge].contribution!), total: paying.length };
}
