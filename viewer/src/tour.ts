// Six steps through the page, on its own example.

import { h, replace } from "./dom";
import type { Page } from "./page";
import { count } from "./numbers";
import type { State } from "./state";
import { t } from "./strings";

interface Stop {
  target: string;
  text: string;
  state?: Partial<State>;
}

export function startTour(page: Page): void {
  if (document.querySelector(".tour") !== null) return;
  const { program, outgoing } = page.index;
  const uses = Math.max(0, ...program.inputs.map((input) => outgoing[input].length));
  const edge = page.graph.visible.links[page.graph.visible.links.length - 1]?.edges[0];
  const stops: Stop[] = [
    { target: ".graph", text: t(uses > 1 ? "tourGraph" : "tourGraphPlain", { title: program.title, uses }) },
    { target: ".stepper", text: t("tourStep"), state: { step: Math.ceil(page.graph.last * 0.7) } },
    { target: ".card", text: t("tourCard"), state: edge === undefined ? {} : { selected: `e${edge}` } },
    { target: ".tabs", text: t("tourPaths", { n: count(program.path_count) }), state: { tab: "paths", selected: null, paths: program.paths.length > 0 ? [0] : [] } },
    { target: ".source", text: t("tourSource"), state: { paths: [] } },
    { target: ".tabs", text: `${t("tourEnd")} ${t("shortcuts")}` },
  ];
  const before = page.store.state;
  let at = 0;
  const box = h("div", { class: "tour", role: "dialog", "aria-label": t("help"), tabindex: -1 });
  const end = (): void => {
    for (const each of document.querySelectorAll(".toured")) each.classList.remove("toured");
    box.remove();
    page.store.set({ step: Math.min(before.step, page.graph.last), selected: before.selected, paths: before.paths, tab: before.tab });
    document.querySelector<HTMLElement>("#help")?.focus();
  };
  const show = (): void => {
    const stop = stops[at];
    for (const each of document.querySelectorAll(".toured")) each.classList.remove("toured");
    page.store.set(stop.state ?? {});
    const target = document.querySelector<HTMLElement>(stop.target);
    target?.classList.add("toured");
    target?.scrollIntoView({ block: "nearest" });
    const move = (by: number) => () => {
      at += by;
      if (at >= stops.length) end();
      else show();
    };
    const next = h("button", { type: "button", class: "primary", onclick: move(1) }, t(at === stops.length - 1 ? "done" : "next"));
    replace(
      box,
      h("p", { class: "hint" }, t("tourTitle", { k: at + 1, n: stops.length })),
      h("p", {}, stop.text),
      h("div", { class: "actions" }, at > 0 ? h("button", { type: "button", onclick: move(-1) }, t("back")) : null, next, h("button", { type: "button", onclick: end }, t("close"))),
    );
    next.focus();
    place(box, target);
  };
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") end();
  });
  document.body.append(box);
  show();
}

/** Below what it is about, or above, or over its middle: wherever there is room. */
function place(box: HTMLElement, target: HTMLElement | null): void {
  const frame = (target ?? document.body).getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.min(innerWidth - width - 12, Math.max(12, frame.left + frame.width / 2 - width / 2));
  const below = frame.bottom + 10;
  const above = frame.top - height - 10;
  const top = below + height < innerHeight ? below : above > 0 ? above : Math.max(12, Math.min(innerHeight - height - 12, frame.bottom - height - 20));
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}
