// A program of few numbers, computed anew for other inputs. Python says by which ops (chainrule/explain/run/replay.py); here
// they are done, and the chain rule over them. What cannot be true is not given: a test that would come out otherwise, a
// number that is not finite, a program that does not give what Python found where Python ran it.

import { real } from "./numbers";
import type { Edge, Numbers, Operation, Path, Program, ProgramNode, Replay } from "./program";
import { tests, twins } from "./twins";

/** Why there is nothing to show. */
export interface Refused {
  reason: "test" | "finite";
  /** The line of the test. */
  site: number | null;
}

interface Computed {
  values: number[];
  /** By edge; null where the source was not chosen, which takes no part. */
  partials: (number | null)[];
}

const CLOSE = 1e-9;

/** The program at other inputs. */
export function moved(program: Program, at: readonly number[]): Program | Refused {
  const { replay } = program;
  if (replay === null || replay === undefined || program.result === null) return { reason: "finite", site: null };
  const computed = compute(program, replay, at);
  return "reason" in computed ? computed : accumulated(program, computed);
}

/** Whether the program, at the inputs that Python ran it with, comes out as it does there, in all its numbers. */
export function isReplayable(program: Program): boolean {
  const at = recordedInputs(program);
  if (at === null) return false;
  const again = moved(program, at);
  if ("reason" in again) return false;
  const same = (a: Numbers | null, b: Numbers | null): boolean => (a === null || b === null ? a === b : close(number(a), number(b)));
  return (
    program.nodes.every((node, k) => same(node.value, again.nodes[k].value) && same(node.adjoint, again.nodes[k].adjoint) && same(node.tangent, again.nodes[k].tangent)) &&
    program.edges.every((edge, k) => same(edge.contribution, again.edges[k].contribution) && close(real(edge.flow), real(again.edges[k].flow)) && close(entry(edge), entry(again.edges[k]))) &&
    program.paths.every((path, k) => same(path.contribution, again.paths[k].contribution)) &&
    program.absolute.every((total, k) => same(total, again.absolute[k]))
  );
}

export function recordedInputs(program: Program): number[] | null {
  const { replay } = program;
  if (replay === null || replay === undefined) return null;
  const at = program.inputs.map((input) => number(program.nodes[input].value));
  return at.every(Number.isFinite) ? at : null;
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a), Math.abs(b));
}

function number(numbers: Numbers): number {
  return numbers.values === null ? NaN : real(numbers.values.values[0] as number);
}

function entry({ jacobian }: Edge): number {
  return jacobian.entries === null ? (jacobian.structure === "zero" ? 0 : NaN) : real(jacobian.entries.values[0] as number);
}

function compute(program: Program, replay: Replay, at: readonly number[]): Computed | Refused {
  const constants = replay.constants.map(real);
  const values = [...at];
  const taken = ({ operands }: Operation): [number, number, number] => operands.map((k) => (k >= 0 ? values[k] : constants[-1 - k])) as [number, number, number];
  for (const operation of replay.operations) values.push(twins[operation.op].value(...taken(operation)));
  for (const test of replay.tests) {
    const [a, b] = taken(test);
    if (tests[test.op](a, b) !== real(test.outcome)) return { reason: "test", site: test.site };
  }
  if (!values.every(Number.isFinite)) return { reason: "finite", site: null };
  const first = program.inputs.length;
  const own = replay.operations.map((operation, k) => twins[operation.op].partials(values[first + k], ...taken(operation)));
  // An edge may lead through several ops: what a change at its uses makes of the result, one op after the other.
  const partials = program.edges.map((edge, k): number | null => {
    const uses = replay.uses[k];
    const tangents = new Map<number, number>();
    for (let each = Math.min(...uses.map(([operation]) => operation)); each <= replay.results[edge.target] - first; each++) {
      let tangent: number | null = null;
      replay.operations[each].operands.forEach((from, slot) => {
        const used = uses.some(([operation, place]) => operation === each && place === slot);
        const change = used ? 1 : tangents.get(from);
        const partial = own[each][slot];
        if (change !== undefined && partial !== null) tangent = (tangent ?? 0) + partial * change;
      });
      if (tangent !== null) tangents.set(first + each, tangent);
    }
    return tangents.get(replay.results[edge.target]) ?? null;
  });
  return partials.every((partial) => partial === null || Number.isFinite(partial)) ? { values, partials } : { reason: "finite", site: null };
}

/** The chain rule: adjoints, contributions, tangents, flows, paths. */
function accumulated(program: Program, { values, partials }: Computed): Program | Refused {
  const { replay, inputs } = program;
  const result = program.result!;
  // Something that took no part takes part now: the symbols that Python wrote would not be true.
  if (program.edges.some((edge, k) => edge.jacobian.structure === "zero" && partials[k] !== null && partials[k] !== 0)) return { reason: "test", site: null };
  const adjoints = program.nodes.map((_, node) => (node === result ? 1 : 0));
  const contributions = program.edges.map(() => 0);
  // Sources stand before targets.
  const byTarget = program.edges.map((_, k) => k).sort((a, b) => program.edges[b].target - program.edges[a].target);
  for (const k of byTarget) {
    const { source, target } = program.edges[k];
    contributions[k] = adjoints[target] * (partials[k] ?? 0);
    adjoints[source] += contributions[k];
  }
  const length = Math.hypot(...inputs.map((input) => adjoints[input]));
  const alongGradient = program.direction === "gradient";
  const tangents = program.nodes.map((node, k) => (!inputs.includes(k) ? 0 : alongGradient ? (length === 0 ? 0 : adjoints[k] / length) : node.tangent === null ? 0 : number(node.tangent)));
  for (const k of [...byTarget].reverse()) tangents[program.edges[k].target] += (partials[k] ?? 0) * tangents[program.edges[k].source];
  const products = program.paths.map(({ edges }) => edges.reduce((product, edge) => product * (partials[edge] ?? 0), 1));
  // Σ|path|, over all of them: the same sums, of moduli.
  const moduli = program.nodes.map((_, node) => (node === result ? 1 : 0));
  for (const k of byTarget) moduli[program.edges[k].source] += moduli[program.edges[k].target] * Math.abs(partials[k] ?? 0);
  const totals = inputs.map((input) => moduli[input]);
  const kept = (old: Numbers | null, now: number): Numbers | null => (old === null && now === 0 ? null : numbers(old, now));
  return {
    ...program,
    // What was found is found of the recorded run.
    findings: [],
    nodes: program.nodes.map((node, k): ProgramNode => ({
      ...node,
      findings: [],
      value: numbers(node.value, values[replay!.results[k]]),
      adjoint: kept(node.adjoint, adjoints[k]),
      tangent: kept(node.tangent, tangents[k]),
    })),
    edges: program.edges.map((edge, k): Edge => ({
      ...edge,
      jacobian: { ...edge.jacobian, entries: { shape: [1, 1], dtype: "float64", values: [partials[k] ?? 0] } },
      contribution: kept(edge.contribution, contributions[k]),
      flow: contributions[k] * tangents[edge.source],
    })),
    paths: program.paths.map((path, k): Path => ({ ...path, contribution: numbers(path.contribution, products[k]) })),
    absolute: totals.map((total, k) => numbers(program.absolute[k] ?? null, total)),
    cancellation: program.cancellation === null ? null : inputs.reduce((worst, input, k) => (totals[k] > 0 ? Math.max(worst, totals[k] / Math.abs(adjoints[input])) : worst), 1),
    directional_derivative: inputs.reduce((sum, input) => sum + adjoints[input] * tangents[input], 0),
  };
}

function numbers(like: Numbers | null, x: number): Numbers {
  const dtype = like?.dtype ?? "float64";
  return { shape: [], dtype, values: { shape: [], dtype, values: [x] }, least: x, greatest: x, norm: Math.abs(x), nonfinite: 0, zeros: Number(x === 0) };
}
