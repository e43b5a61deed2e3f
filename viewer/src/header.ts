// The line at the top: what is explained, its value, its gradient, how many paths, and whether all of it was checked.

import { h, replace } from "./dom";
import { resultName } from "./labels";
import { brief, count, real, shown } from "./numbers";
import type { Page } from "./page";
import { formats, save } from "./saving";
import { openSearch } from "./search";
import type { State } from "./state";
import { t } from "./strings";
import { startTour } from "./tour";

export function header(page: Page): HTMLElement {
  const { program } = page.index;
  const { store } = page;
  const result = program.result === null ? null : program.nodes[program.result];
  const squares = program.inputs.map((input) => program.nodes[input].adjoint).map((adjoint) => (adjoint === null ? 0 : adjoint.nonfinite > 0 ? NaN : real(adjoint.norm) ** 2));
  const gradient = Math.sqrt(squares.reduce((a, b) => a + b, 0));
  const kappa = program.cancellation === null ? null : real(program.cancellation);
  const fact = (name: string, value: string, help?: string): HTMLElement => h("div", { class: "fact", title: help }, h("dt", {}, name), h("dd", { class: "number" }, value));
  const difference = Object.values(program.checks).reduce<number>((most, each) => Math.max(most, real(each)), 0);
  const facts = h(
    "dl",
    { class: "facts" },
    result === null ? null : fact(t("value"), brief(result.value)),
    result === null ? null : fact(t("gradientNorm"), shown(gradient)),
    result === null ? null : fact(String(program.path_count) === "1" ? t("path") : t("paths"), count(program.path_count), `${program.path_count}`),
    kappa === null ? null : fact(t("cancellation"), shown(kappa, 3), t("cancellationHelp")),
  );
  const state =
    program.failure !== null
      ? h("span", { class: "seal failed", title: program.failure }, `✗ ${t("failed")}`)
      : page.index.isMoved
        ? h("span", { class: "seal moved", title: t("movedHelp") }, t("moved"))
        : Object.keys(program.checks).length > 0
        ? h("span", { class: "seal", title: t("checkedHelp", { difference: shown(difference, 2) }) }, `✓ ${t("checked")}`)
        : null;
  const schemes: State["scheme"][] = ["system", "light", "dark"];
  const signs: Record<State["scheme"], string> = { system: "◐", light: "☀", dark: "☾" };
  const scheme = h("button", {
    type: "button",
    class: "icon",
    "aria-label": t("scheme"),
    title: t("scheme"),
    onclick: () => store.set({ scheme: schemes[(schemes.indexOf(store.state.scheme) + 1) % schemes.length] }),
  });
  const showScheme = (): void => replace(scheme, signs[store.state.scheme]);
  store.on(["scheme"], showScheme);
  showScheme();
  return h(
    "header",
    {},
    h("a", { class: "skip", href: "#graph", onclick: (event: MouseEvent) => (event.preventDefault(), page.graph.element.querySelector<SVGElement>(".item, .wire")?.focus()) }, t("skip")),
    h("h1", {}, result === null ? null : h("span", { class: "nabla" }, t("gradientOf", { name: resultName(page.index) })), " ", h("span", { class: "title" }, program.title)),
    facts,
    state,
    h(
      "div",
      { class: "tools" },
      h("div", { class: "choice save", role: "group", "aria-label": t("save") }, ...formats.filter((format) => format !== "tex" || page.index.document.latex !== "").map((format) => h("button", { type: "button", title: t("saveAs", { format }), "aria-label": t("saveAs", { format }), onclick: () => void save(page, format) }, format))),
      h("button", { type: "button", class: "icon", "aria-label": t("search"), title: `${t("search")} (/)`, onclick: () => openSearch(page) }, "⌕"),
      h("button", { type: "button", title: t("languageHelp"), lang: store.state.language === "en" ? "zh-Hans" : "en", onclick: () => store.set({ language: store.state.language === "en" ? "zh" : "en" }) }, t("language")),
      scheme,
      h("button", { type: "button", class: "icon", id: "help", "aria-label": t("help"), title: `${t("help")} (?)`, onclick: () => startTour(page) }, "?"),
    ),
  );
}
