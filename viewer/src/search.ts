// Finding nodes by name, op, shape, line, and by what their numbers are.

import { gradual, h, replace } from "./dom";
import { brief, real, shapeText } from "./numbers";
import type { Page } from "./page";
import type { Index, Numbers } from "./program";
import { t } from "./strings";

/** The nodes that a query finds: `exp`, `(3, 4)`, `line 12` or `:12`, `grad>1e3`, `value<0`, `nan`, `inf`. */
export function found(index: Index, query: string): number[] {
  const { program } = index;
  const text = query.trim().toLowerCase();
  if (text === "") return [];
  const all = program.nodes.map((_, node) => node);
  const comparison = /^(grad|value|norm)\s*([<>])=?\s*([-+\d.e]+)$/.exec(text);
  if (comparison !== null) {
    const [, what, sign, bound] = comparison;
    const limit = Number(bound);
    const amounts = (numbers: Numbers | null): number[] => (numbers === null ? [] : what === "value" ? [real(numbers.least), real(numbers.greatest)] : [real(numbers.norm)]);
    const passes = (amount: number): boolean => (sign === ">" ? amount > limit : amount < limit);
    return all.filter((node) => amounts(what === "grad" ? program.nodes[node].adjoint : program.nodes[node].value).some(passes));
  }
  if (text === "nan" || text === "inf") return all.filter((node) => program.nodes[node].value.nonfinite > 0 || (program.nodes[node].adjoint?.nonfinite ?? 0) > 0);
  const line = /^(?:line\s*|行\s*|:)(\d+)$/.exec(text);
  if (line !== null) return all.filter((node) => program.nodes[node].site !== null && program.sites[program.nodes[node].site!].line === Number(line[1]));
  const compact = text.replace(/\s/g, "");
  if (/^\([\d,]*\)$/.test(compact)) return all.filter((node) => [shapeText(program.nodes[node].value.shape).replace(/\s/g, ""), `(${program.nodes[node].value.shape.join(",")})`].includes(compact));
  const rank = (node: number): number => {
    const { name, op, expression } = program.nodes[node];
    const [lowered, operation] = [name.toLowerCase(), (op ?? "").toLowerCase()];
    return lowered === text ? 0 : operation === text ? 1 : lowered.includes(text) ? 2 : operation.includes(text) ? 3 : expression.toLowerCase().includes(text) ? 4 : 5;
  };
  const ranks = all.map(rank);
  return all.filter((node) => ranks[node] < 5).sort((a, b) => ranks[a] - ranks[b] || a - b);
}

export function openSearch(page: Page): void {
  if (document.querySelector("dialog.search[open]") !== null) return;
  const { program } = page.index;
  const results = h("ul", {});
  const status = h("p", { class: "hint", role: "status" }, t("searchHint"));
  const dialog = h("dialog", { class: "search", "aria-label": t("search") });
  const input = h("input", { type: "search", "aria-label": t("search"), placeholder: t("searchHint"), spellcheck: "false", autocomplete: "off" });
  // Gone at once, so that the next key is not typed into a field that is no longer seen.
  const shut = (): void => {
    dialog.close();
    dialog.remove();
  };
  const choose = (node: number): void => {
    shut();
    page.reveal(node);
  };
  let nodes: number[] = [];
  input.addEventListener("input", () => {
    nodes = found(page.index, input.value);
    status.textContent = input.value.trim() === "" ? t("searchHint") : t("found", { n: nodes.length });
    replace(results);
    const row = (k: number): Element => {
      const { name, op, expression, value } = program.nodes[nodes[k]];
      return h("li", {}, h("button", { type: "button", onclick: () => choose(nodes[k]) }, h("span", { class: "math" }, op === null ? name : `${name} = ${expression}`), " ", h("span", { class: "hint" }, brief(value))));
    };
    gradual(results, nodes.length, row, (n) => t("more", { n }), 40);
  });
  input.addEventListener("keydown", (event) => {
    // A search field would only clear itself.
    if (event.key === "Escape") shut();
    if (event.key === "Enter" && nodes.length > 0) {
      event.preventDefault();
      choose(nodes[0]);
    }
  });
  dialog.append(input, status, results);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && shut());
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
}
