// The state as the part of the address behind #, so that a colleague sees the same.

import { type State, tabs, type Tab } from "./state";

export function written(state: State, last: number, usual: State["direction"]): string {
  const parts: string[] = [];
  if (state.step !== last) parts.push(`step=${state.step}`);
  if (state.selected !== null) parts.push(`sel=${state.selected}`);
  if (state.paths.length > 0) parts.push(`paths=${state.paths.join(".")}`);
  if (state.tab !== "paths") parts.push(`tab=${state.tab}`);
  if (state.direction !== usual) parts.push(`mode=${state.direction}`);
  if (state.labels !== "numbers") parts.push(`labels=${state.labels}`);
  if (!state.split) parts.push("split=0");
  if (state.at !== null) parts.push(`at=${state.at.map((each) => Number(each.toPrecision(12))).join(",")}`);
  if (state.heat !== "none") parts.push(`heat=${state.heat}`);
  parts.push(`open=${[...state.open].sort((a, b) => a - b).join(".")}`);
  if (state.unfolded.size > 0) parts.push(`fold=${[...state.unfolded].map(([group, [from, to]]) => `${group}-${from}-${to}`).join(".")}`);
  if (state.view !== null) {
    parts.push(`view=${[state.view.x, state.view.y, state.view.scale].map((value) => Number(value.toFixed(3))).join(",")}`);
  }
  return parts.join("&");
}

export function read(hash: string): Partial<State> {
  const found = new Map(
    hash
      .replace(/^#/, "")
      .split("&")
      .map((part) => part.split("=", 2) as [string, string]),
  );
  const state: Partial<State> = {};
  const whole = (text: string): number[] =>
    text
      .split(".")
      .filter((each) => /^\d+$/.test(each))
      .map(Number);
  const step = found.get("step");
  if (step !== undefined && /^\d+$/.test(step)) state.step = Number(step);
  const selected = found.get("sel");
  if (selected !== undefined && /^[neg]\d+$/.test(selected)) state.selected = selected;
  if (found.has("paths")) state.paths = whole(found.get("paths")!);
  const tab = found.get("tab");
  if (tabs.includes(tab as Tab)) state.tab = tab as Tab;
  const mode = found.get("mode");
  if (mode === "forward" || mode === "reverse") state.direction = mode;
  if (found.get("labels") === "symbols") state.labels = "symbols";
  if (found.get("split") === "0") state.split = false;
  const heat = found.get("heat");
  if (heat === "time" || heat === "bytes" || heat === "flow") state.heat = heat;
  if (found.has("open")) state.open = new Set(whole(found.get("open")!));
  if (found.has("fold")) {
    state.unfolded = new Map(
      found
        .get("fold")!
        .split(".")
        .map((each) => each.split("-").map(Number))
        .filter((each) => each.length === 3 && each.every((n) => Number.isInteger(n) && n >= 0))
        .map(([group, from, to]) => [group, [from, to]]),
    );
  }
  const at = found.get("at")?.split(",").map(Number);
  if (at?.every(Number.isFinite)) state.at = at;
  const view = found.get("view")?.split(",").map(Number);
  if (view?.length === 3 && view.every(Number.isFinite) && view[2] > 0) state.view = { x: view[0], y: view[1], scale: view[2] };
  return state;
}
