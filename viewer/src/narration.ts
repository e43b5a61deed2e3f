// What a step does, in words: `backward u: ū·∂u/∂v = 0.5 · 1.284`.

import { entryText, isScalarMap, itemName, partial, resultName, sourceName } from "./labels";
import { bar, brief, count, dot, named } from "./numbers";
import type { Page } from "./page";
import { t } from "./strings";

const MOST_TERMS = 3;

export function narrated(page: Page): string {
  const { index, graph, store } = page;
  const { program } = index;
  const { state } = store;
  if (page.atRest()) return summary(page);
  const stage = graph.plan.stages[state.step - 1];
  if (stage === undefined) return t("start");
  const item = graph.visible.items[stage.item];
  const symbols = state.labels === "symbols";
  if (stage.phase === "seed") {
    const terms = stage.nodes.map((node) => `${dot(program.nodes[node].name)} = ${brief(program.nodes[node].tangent!)}`);
    return t("seedForward", { terms: some(terms) });
  }
  if (item.kind === "group" || item.kind === "fold") {
    const phase = t(stage.phase === "backward" ? "backwardPhase" : "forwardPhase");
    return t("groupSays", { phase, title: itemName(index, item), n: stage.nodes.length });
  }
  const node = stage.nodes[0];
  const { name, expression, value, adjoint, tangent } = program.nodes[node];
  if (stage.phase === "forward") return t("forwardSays", { name, expression, value: brief(value) });
  if (stage.phase === "tangent") {
    const terms = index.incoming[node].map((edge) => {
      const derivative = derivativeText(page, edge, symbols);
      const source = program.nodes[program.edges[edge].source];
      return `${derivative} · ${symbols || source.tangent === null ? dot(sourceName(index, edge)) : brief(source.tangent)}`;
    });
    return t("tangentSays", { name, terms: `${dot(name)} = ${some(terms, " + ")}${symbols || tangent === null ? "" : ` = ${brief(tangent)}`}` });
  }
  const received = bar(name);
  const paying = index.incoming[node].filter((edge) => program.edges[edge].contribution !== null);
  if (paying.length === 0) return t("backwardSays", { name, terms: t("passes", { bar: received, value: adjoint === null ? "" : brief(adjoint) }) });
  const terms = paying.map((edge) => {
    const { jacobian, contribution } = program.edges[edge];
    const to = bar(sourceName(index, edge));
    const transposed = isScalarMap(jacobian) ? "" : "ᵀ";
    if (symbols) return `${to} ← ${transposed === "" ? `${received}·${partial(index, edge)}` : `(${partial(index, edge)})ᵀ ${received}`}`;
    if (transposed !== "") return `${to} ← (${partial(index, edge)})ᵀ ${received} = ${brief(contribution!)}`;
    return `${to} ← ${received}·${partial(index, edge)} = ${brief(adjoint!)} · ${derivativeText(page, edge, false)} = ${brief(contribution!)}`;
  });
  return t("backwardSays", { name, terms: some(terms) });
}

/** All of it in one sentence: how many paths add up to which derivative. */
function summary(page: Page): string {
  const { program } = page.index;
  const reached = program.inputs.filter((each) => program.nodes[each].adjoint !== null);
  if (reached.length === 0 || program.result === null) return program.title;
  if (reached.length > 1) return t("summaryMany", { n: count(program.path_count), inputs: reached.length, result: resultName(page.index) });
  const { name, adjoint } = program.nodes[reached[0]];
  const derivative = named(`∂${resultName(page.index)}/∂${name}`, adjoint!, " = ");
  return t(String(program.path_count) === "1" ? "summaryOne" : "summary", { derivative, n: count(program.path_count) });
}

function some(terms: string[], between = "; "): string {
  const shown = terms.slice(0, MOST_TERMS);
  return shown.join(between) + (terms.length > MOST_TERMS ? `${between}… (${terms.length})` : "");
}

/** The local derivative of an edge in a product: its number, or its symbol where it has many. */
export function derivativeText(page: Page, edge: number, symbols: boolean): string {
  const { jacobian } = page.index.program.edges[edge];
  if (isScalarMap(jacobian) && !symbols) return entryText(jacobian) || jacobian.symbol;
  return jacobian.symbol || partial(page.index, edge);
}
