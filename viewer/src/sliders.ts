// Inputs that can be moved, of a program of few numbers: everything is computed anew for them, in the branch that the run
// took. Where that would end nothing moves, and the page says why.

import { h, replace } from "./dom";
import { exact, shown } from "./numbers";
import type { Program } from "./program";
import { moved, recordedInputs, type Refused } from "./replay";
import { t } from "./strings";

const STEPS = 200;

/** Beside the page's parts and not one of them: these are made anew while one of its sliders is held. */
export function sliders(program: Program, at: readonly number[] | null, move: (at: readonly number[] | null) => void): HTMLElement {
  const recorded = recordedInputs(program)!;
  let current: readonly number[] = at ?? recorded;
  const note = h("p", { class: "note", "aria-live": "polite" });
  const back = h("button", { type: "button", onclick: () => settle(recorded) }, t("asRecorded"));
  const fields = recorded.map((start, k) => {
    const { name } = program.nodes[program.inputs[k]];
    const reach = 2 * Math.max(1, Math.abs(start));
    const position = (value: number): string => String(Math.round(((value - start) / reach) * (STEPS / 2)));
    const output = h("output", { class: "number" });
    const slider = h("input", {
      type: "range",
      // So that the recorded number is one of the slider's.
      min: -STEPS / 2,
      max: STEPS / 2,
      step: 1,
      "aria-label": t("inputAt", { name }),
      oninput: () => {
        const value = start + (reach * Number(slider.value)) / (STEPS / 2);
        settle(current.map((each, n) => (n === k ? value : each)));
      },
      // What was not possible is not where the slider stays; why stays there to be read.
      onchange: () => (slider.value = position(current[k])),
    });
    return { position, slider, output, element: h("label", {}, h("span", { class: "math" }, `${name} =`), slider, output) };
  });
  const say = (refused: Refused | null): void => {
    const site = refused === null || refused.site === null ? null : program.sites[refused.site];
    const still = current.every((each, k) => each === recorded[k]);
    note.classList.toggle("refused", refused !== null);
    const reason = refused === null ? t(still ? "sliderHint" : "sliderMoved") : refused.reason === "finite" ? t("sliderFinite") : site === null ? t("sliderBranch") : t("sliderTest", { line: site.line, text: site.text });
    if (note.textContent !== reason) replace(note, reason);
    back.hidden = still;
  };
  const settle = (wanted: readonly number[]): void => {
    const result = moved(program, wanted);
    const refused = "reason" in result ? result : null;
    if (refused === null) current = wanted;
    fields.forEach(({ position, slider, output }, k) => {
      if (refused === null || document.activeElement !== slider) slider.value = position(current[k]);
      output.textContent = shown(current[k]);
      output.title = exact(current[k]);
      slider.setAttribute("aria-valuetext", shown(current[k]));
    });
    say(refused);
    if (refused === null) move(current.every((each, k) => each === recorded[k]) ? null : current);
  };
  const element = h("section", { class: "inputs", "aria-label": t("inputs") }, ...fields.map((field) => field.element), note, back);
  settle(current);
  return element;
}
