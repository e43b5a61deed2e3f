// The bar at the bottom: steps through the computation and back, and says what each does.

import { h, replace, toggle } from "./dom";
import { narrated } from "./narration";
import type { Page } from "./page";
import { t } from "./strings";

const PACE = 900;

export function stepper(page: Page): HTMLElement {
  const { store } = page;
  const to = (step: number): void => store.set({ step: Math.max(0, Math.min(page.graph.last, step)) });
  const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": t("step"), oninput: () => (stop(page), to(Number(slider.value))) });
  const play = h("button", { type: "button", class: "play", onclick: () => togglePlay(page) });
  const counter = h("span", { class: "counter number" });
  const words = h("p", { class: "narration math", "aria-live": "polite", id: "narration" });
  const choices = h("div", { class: "choices" });
  const icon = (label: string, text: string, act: () => void): HTMLElement => h("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
  const show = (): void => {
    const { step, playing } = store.state;
    slider.max = String(page.graph.last);
    slider.value = String(step);
    const text = narrated(page);
    slider.setAttribute("aria-valuetext", text);
    counter.textContent = `${step}/${page.graph.last}`;
    if (words.textContent !== text) words.textContent = text;
    words.dataset.phase = page.graph.plan.stages[step - 1]?.phase ?? "start";
    if (page.atRest()) words.dataset.phase = "rest";
    play.textContent = playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", t(playing ? "pause" : "play"));
    play.title = t(playing ? "pause" : "play");
  };
  const choose = (): void => {
    const { direction, labels, split } = store.state;
    const group = (label: string, ...buttons: HTMLElement[]): HTMLElement => h("div", { class: "choice", role: "group", "aria-label": label }, ...buttons);
    const refocus = document.activeElement?.closest(".choices") ? [...choices.querySelectorAll("button")].indexOf(document.activeElement as HTMLButtonElement) : -1;
    const turn = (next: "reverse" | "forward") => () => {
      stop(page);
      const atEnd = store.state.step === page.graph.last;
      store.set({ direction: next });
      if (atEnd) to(page.graph.last);
    };
    replace(
      choices,
      group(t("direction"), toggle(t("reverse"), direction === "reverse", turn("reverse")), toggle(t("forward"), direction === "forward", turn("forward"))),
      group(t("labels"), toggle(t("symbols"), labels === "symbols", () => store.set({ labels: "symbols" })), toggle(t("numbers"), labels === "numbers", () => store.set({ labels: "numbers" }))),
      group(t("sharedInputs"), toggle(t("split"), split, () => store.set({ split: true })), toggle(t("merged"), !split, () => store.set({ split: false }))),
    );
    if (refocus >= 0) choices.querySelectorAll("button")[refocus].focus();
  };
  store.on(["step", "playing", "direction", "labels", "split", "open", "unfolded"], show);
  store.on(["direction", "labels", "split"], choose);
  show();
  choose();
  return h(
    "footer",
    { class: "stepper" },
    h("div", { class: "buttons" }, icon(t("stepBack"), "◀", () => (stop(page), to(store.state.step - 1))), play, icon(t("stepOn"), "▶❘", () => (stop(page), to(store.state.step + 1)))),
    slider,
    counter,
    words,
    choices,
  );
}

let timer = 0;

export function stop(page: Page): void {
  clearInterval(timer);
  page.store.set({ playing: false });
}

export function togglePlay(page: Page): void {
  const { store } = page;
  if (store.state.playing) return stop(page);
  store.set({ playing: true, step: store.state.step >= page.graph.last ? 0 : store.state.step });
  clearInterval(timer);
  timer = setInterval(() => {
    const { step } = store.state;
    if (step >= page.graph.last) stop(page);
    else store.set({ step: step + 1 });
  }, PACE) as unknown as number;
}
