// The tabs below the drawing. All of them are there at once, so that printing shows them in sequence.

import { costPanel } from "./cost";
import { derivationPanel } from "./derivation";
import { h } from "./dom";
import { healthPanel } from "./health";
import type { Page } from "./page";
import { pathsPanel } from "./paths";
import { shapesPanel } from "./shapes";
import { type Tab, tabs } from "./state";
import { type Key, t } from "./strings";

const titles: Record<Tab, Key> = { paths: "tabPaths", derivation: "tabDerivation", shapes: "tabShapes", health: "tabHealth", cost: "tabCost" };
const panels: Record<Tab, (page: Page) => HTMLElement> = { paths: pathsPanel, derivation: derivationPanel, shapes: shapesPanel, health: healthPanel, cost: costPanel };

export function tabsOf(page: Page): HTMLElement {
  const { store, index } = page;
  const buttons = new Map<Tab, HTMLElement>();
  const bodies = new Map<Tab, HTMLElement>();
  const list = h("div", { role: "tablist", "aria-label": t("details") });
  const element = h("section", { class: "tabs" }, list);
  const alarming = index.program.findings.filter((finding) => finding.severity !== "note").length;
  for (const tab of tabs) {
    const button = h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${tab}`,
        "aria-controls": `panel-${tab}`,
        onclick: () => store.set({ tab }),
        onkeydown: (event: KeyboardEvent) => {
          const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (step === 0) return;
          event.preventDefault();
          event.stopPropagation();
          const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
          store.set({ tab: next });
          buttons.get(next)!.focus();
        },
      },
      t(titles[tab]),
      tab === "health" && alarming > 0 ? h("span", { class: "alarm" }, String(alarming)) : null,
    );
    buttons.set(tab, button);
    list.append(button);
    const panel = h("div", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, tabindex: 0, class: "panel" }, h("h2", { class: "printed" }, t(titles[tab])), panels[tab](page));
    bodies.set(tab, panel);
    element.append(panel);
  }
  const show = (): void => {
    for (const tab of tabs) {
      const on = store.state.tab === tab;
      buttons.get(tab)!.setAttribute("aria-selected", String(on));
      buttons.get(tab)!.tabIndex = on ? 0 : -1;
      bodies.get(tab)!.classList.toggle("off", !on);
    }
  };
  store.on(["tab"], show);
  show();
  return element;
}
