// The sums over the uses of inputs that are drawn once per use.

import { h } from "./dom";
import { partialSum, useName } from "./labels";
import { bar, brief } from "./numbers";
import type { Page } from "./page";
import { type Schedule, tally } from "./schedule";

function bracketed(text: string, k: number): string {
  return k > 0 && text.startsWith("−") ? `(${text})` : text;
}

/** `x̄ = x̄₁ + x̄₂ = 1.284 + … `, as far as it is known. */
export function sumOverUses(page: Page, plan: Schedule, node: number): HTMLElement | null {
  const { index, store } = page;
  const { name, adjoint } = index.program.nodes[node];
  const edges = index.outgoing[node].filter((edge) => index.program.edges[edge].contribution !== null);
  const { terms, total } = tally(index, plan, store.state.step, edges);
  if (terms.length === 0 || adjoint === null) return null;
  const complete = terms.length === total;
  const parts = edges
    .filter((edge) => plan.derivativeAt[index.program.edges[edge].target] <= store.state.step)
    .map((edge) => brief(index.program.edges[edge].contribution!, 3));
  const long = edges.length > 6;
  const names = long ? "" : edges.map((edge) => bar(useName(index, [edge]))).join(" + ");
  // Norms do not add up, so of large arrays only the sum has one.
  const normed = brief(adjoint).startsWith("‖");
  const written = normed ? "" : long ? partialSum(terms, total) : parts.map(bracketed).join(" + ") + (complete ? "" : " + …");
  const sum = complete && (normed || !long) ? h("strong", {}, `${normed ? ", " : " = "}${brief(adjoint)}`) : normed ? ` (${terms.length}/${total})` : null;
  return h("li", { "data-node": node, "data-complete": String(complete) }, [bar(name), names, written].filter((each) => each !== "").join(" = "), sum);
}
