// The document that Python writes (chainrule/explain/document.py), and what is derived from it once.

export type Real = number | "nan" | "inf" | "-inf";
export type Entry = Real | boolean | [Real, Real];

export interface ArrayDocument {
  shape: number[];
  dtype: string;
  values: Entry[];
}

export interface Numbers {
  shape: number[];
  dtype: string;
  values: ArrayDocument | null;
  least: Real | null;
  greatest: Real | null;
  norm: Real;
  nonfinite: number;
  zeros: number;
}

export interface Jacobian {
  structure: string;
  out_shape: number[];
  in_shape: number[];
  symbol: string;
  latex: string;
  stored: number | string;
  entries: ArrayDocument | null;
  factors: [string, ArrayDocument][];
}

export interface ProgramNode {
  name: string;
  op: string | null;
  expression: string;
  latex: string;
  value: Numbers;
  adjoint: Numbers | null;
  tangent: Numbers | null;
  site: number | null;
  frame: number | null;
  iteration: number;
  seconds: Real | null;
  pull_seconds: Real | null;
  kept_bytes: number;
  flops: number | string;
  findings: number[];
}

export interface Edge {
  source: number;
  target: number;
  slot: number;
  jacobian: Jacobian;
  use: number | null;
  /** Which of several slots of the same step that take the same value; not in older documents. */
  twin?: number | null;
  contribution: Numbers | null;
  flow: Real;
  paths: number | string;
}

export interface Path {
  edges: number[];
  contribution: Numbers;
}

export interface Group {
  kind: string;
  title: string;
  parent: number | null;
  nodes: number[];
  groups: number[];
  like: number | null;
}

export interface Finding {
  kind: string;
  reason: string;
  phase: string;
  severity: string;
  message: string;
  advice: string;
  node: number | null;
  edge: number | null;
  element: number[] | null;
  site: number | null;
  path: number[];
}

export interface Program {
  function: string;
  title: string;
  nodes: ProgramNode[];
  edges: Edge[];
  inputs: number[];
  result: number | null;
  paths: Path[];
  path_count: number | string;
  absolute: Numbers[];
  cancellation: Real | null;
  direction: string;
  directional_derivative: Real;
  sites: { file: string; line: number; function: string; text: string }[];
  groups: Group[];
  findings: Finding[];
  sources: { file: string; first: number; lines: string[] }[];
  failure: string | null;
  cost_measured: boolean;
  checks: Record<string, Real>;
  /** In which direction the page steps at first; not in older documents. */
  mode?: "reverse" | "forward";
  replay?: Replay | null;
}

export interface Operation {
  op: string;
  /** Places of numbers, from 0 on, or -1 - k for constant k. */
  operands: number[];
  outcome: Real | null;
  site: number | null;
}

/** How to compute a program of few numbers for other inputs. */
export interface Replay {
  constants: Real[];
  operations: Operation[];
  tests: Operation[];
  /** By node the place of its number. */
  results: number[];
  /** By edge the operations that take its source, and as which operand. */
  uses: [number, number][][];
}

/** What the page was written with: the program as it stands, and the forms that Python makes of it. */
export interface PageDocument {
  language: string;
  program: Program;
  text: string;
  latex: string;
  mathml: string;
}

/** A program with the lists that everything else looks things up in. */
export interface Index {
  program: Program;
  incoming: number[][];
  outgoing: number[][];
  groupOf: (number | null)[];
  isInput: boolean[];
  document: PageDocument;
  /** Whether the numbers are those of other inputs than the run had. */
  isMoved: boolean;
}

export function indexed(document: PageDocument, program = document.program): Index {
  const incoming: number[][] = program.nodes.map(() => []);
  const outgoing: number[][] = program.nodes.map(() => []);
  program.edges.forEach((edge, k) => {
    incoming[edge.target].push(k);
    outgoing[edge.source].push(k);
  });
  for (const edges of incoming) edges.sort((a, b) => program.edges[a].slot - program.edges[b].slot);
  for (const edges of outgoing) {
    edges.sort((a, b) => (program.edges[a].use ?? 0) - (program.edges[b].use ?? 0) || a - b);
  }
  const groupOf: (number | null)[] = program.nodes.map(() => null);
  program.groups.forEach((group, g) => group.nodes.forEach((node) => (groupOf[node] = g)));
  const isInput = program.nodes.map(() => false);
  for (const node of program.inputs) isInput[node] = true;
  return { program, incoming, outgoing, groupOf, isInput, document, isMoved: program !== document.program };
}

/** All nodes in a group and in the groups in it. */
export function membersOf(program: Program, group: number): number[] {
  const members: number[] = [];
  const waiting = [group];
  while (waiting.length > 0) {
    const next = program.groups[waiting.pop()!];
    members.push(...next.nodes);
    waiting.push(...next.groups);
  }
  return members.sort((a, b) => a - b);
}

export function size(shape: number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
