// What deserves a look: births of non-finite numbers first, in order, then the rest.

import { gradual, h } from "./dom";
import type { Page } from "./page";
import type { Finding } from "./program";
import { type Key, t } from "./strings";

const severities: Record<string, number> = { error: 0, warning: 1, note: 2 };

export function healthPanel(page: Page): HTMLElement {
  const { program } = page.index.isMoved ? page.index.document : page.index;
  const panel = h("div", { class: "health" });
  if (page.index.isMoved) panel.append(h("p", { class: "hint" }, t("ofTheRun")));
  const bad = program.findings.some((finding) => ["birth", "imported"].includes(finding.kind));
  if (program.failure !== null) panel.append(h("p", { class: "finding error" }, program.failure));
  if (!bad) panel.append(h("p", { class: "fine" }, `✓ ${t("healthEmpty", { values: program.nodes.length, derivatives: program.edges.length })}`));
  if (program.findings.length === 0) return panel;
  const sorted = program.findings.map((_, k) => k);
  const rank = (k: number): number => severities[program.findings[k].severity] ?? 1;
  sorted.sort((a, b) => rank(a) - rank(b) || a - b);
  const list = h("ol", { class: "findings" });
  gradual(list, sorted.length, (k) => row(page, program.findings[sorted[k]]), (n) => t("more", { n }), 50);
  panel.append(list);
  return panel;
}

/** A sentence in which code stands between backticks. */
export function marked(sentence: string): Node[] {
  return sentence.split("`").map((part, k) => (k % 2 === 1 ? h("code", {}, part) : document.createTextNode(part)));
}

function row(page: Page, finding: Finding): HTMLElement {
  const { program } = page.index;
  const site = finding.site === null ? null : program.sites[finding.site];
  const where = finding.element === null ? "" : `[${finding.element.join(", ")}]`;
  const phase = t(finding.phase === "backward" ? "backwardPhase" : "forwardPhase");
  const node = finding.node ?? (finding.edge === null ? null : program.edges[finding.edge].target);
  const severity = t((finding.severity in severities ? finding.severity : "note") as Key);
  return h(
    "li",
    { class: `finding ${finding.severity}` },
    h("p", { class: "what" }, h("span", { class: "kind" }, `${severity} · ${phase} · ${finding.kind}${finding.reason === "" ? "" : ` · ${finding.reason}`}`), h("span", {}, ...marked(finding.message))),
    site === null ? null : h("p", { class: "where" }, h("span", { class: "file" }, `${site.file}:${site.line}`), " ", h("code", {}, site.text), where === "" ? null : h("span", { class: "element" }, ` ${where}`)),
    finding.advice === "" ? null : h("p", { class: "advice" }, ...marked(finding.advice)),
    h(
      "p",
      { class: "actions" },
      finding.path.length === 0 ? null : h("button", { type: "button", onclick: () => page.store.set({ trail: finding.path, paths: [] }) }, t("showPath")),
      node === null ? null : h("button", { type: "button", onclick: () => page.reveal(node) }, t("showNode")),
    ),
  );
}
