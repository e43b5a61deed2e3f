// Reads the data of the page and builds it.

import { card } from "./card";
import { decoded } from "./decode";
import { h } from "./dom";
import { GraphView } from "./graph";
import { header } from "./header";
import { Page } from "./page";
import { read, written } from "./permalink";
import { indexed, type Index, type PageDocument } from "./program";
import { openSearch } from "./search";
import { isReplayable, moved } from "./replay";
import { sliders } from "./sliders";
import { sourcePane } from "./source";
import { type State, Store } from "./state";
import { stepper, stop, togglePlay } from "./stepper";
import { setLanguage, t } from "./strings";
import { tabsOf } from "./tabs";
import { startTour } from "./tour";
import { openAtFirst } from "./visible";

void start();

async function start(): Promise<void> {
  const data = await decoded(document.getElementById("data")!.textContent!);
  const recorded = indexed(data);
  const root = document.getElementById("page")!;
  const canMove = isReplayable(recorded.program);
  let state = initial(recorded);
  let resizing: ResizeObserver | null = null;
  let inputs: HTMLElement | null = null;
  /** The program that is shown: as it was recorded, or at other inputs. */
  const indexAt = (at: State["at"]): Index => {
    if (at === null) return recorded;
    const program = canMove && at.length === recorded.program.inputs.length ? moved(recorded.program, at) : null;
    return program === null || "reason" in program ? recorded : indexed(data, program);
  };
  // A change of language builds the page anew; everything else changes it in place.
  const build = (): void => {
    setLanguage(state.language);
    document.documentElement.lang = state.language === "zh" ? "zh-Hans" : "en";
    showScheme(state.scheme);
    const index = indexAt(state.at);
    if (!index.isMoved) state.at = null;
    const store = new Store(state);
    const page = new Page(index, store);
    page.graph = new GraphView(page);
    store.state.step = Math.min(store.state.step, page.graph.last);
    const parts = [header(page), h("main", {}, page.graph.element, sourcePane(page), card(page), tabsOf(page)), stepper(page)];
    const old = [...root.children].filter((each) => each !== inputs);
    if (old.length === parts.length) old.forEach((each, k) => each.replaceWith(parts[k]));
    else root.replaceChildren(...parts);
    current = page;
    page.graph.paint();
    page.graph.resized();
    resizing?.disconnect();
    resizing = new ResizeObserver(() => page.graph.resized());
    resizing.observe(page.graph.element);
    store.on(["scheme"], ({ scheme }) => showScheme(scheme));
    store.on(["language"], (changed) => {
      stop(page);
      state = { ...changed, playing: false };
      build();
      showInputs();
    });
    let due = 0;
    store.on(["step", "selected", "paths", "tab", "direction", "labels", "split", "heat", "open", "unfolded", "view"], (now) => {
      clearTimeout(due);
      due = setTimeout(() => remember(written(now, page.graph.last, index.program.mode ?? "reverse")), now.playing ? 500 : 60) as unknown as number;
    });
  };
  const showInputs = (): void => {
    if (!canMove) return;
    inputs?.remove();
    inputs = sliders(recorded.program, state.at, (at) => {
      const { state: now } = current!.store;
      if (String(at) === String(now.at)) return;
      stop(current!);
      state = { ...now, at, playing: false };
      build();
      remember(written(state, current!.graph.last, recorded.program.mode ?? "reverse"));
    });
    root.children[0].after(inputs);
    root.classList.add("movable");
  };
  build();
  showInputs();
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) === lastHash) return;
    state = { ...initial(recorded), language: current!.store.state.language, scheme: current!.store.state.scheme };
    stop(current!);
    build();
    showInputs();
  });
  addEventListener("keydown", keys);
  addEventListener("beforeprint", () => current!.graph.printing(true));
  addEventListener("afterprint", () => current!.graph.printing(false));
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}

let current: Page | null = null;
let lastHash = "";

function initial(index: Index): State {
  const { language } = index.document as PageDocument;
  return {
    tab: "paths",
    step: Infinity,
    direction: index.program.mode ?? "reverse",
    labels: "numbers",
    split: true,
    selected: null,
    paths: [],
    trail: [],
    open: openAtFirst(index),
    unfolded: new Map(),
    heat: "none",
    at: null,
    view: null,
    playing: false,
    language: language.startsWith("zh") ? "zh" : "en",
    scheme: "system",
    ...read(location.hash),
  };
}

function showScheme(scheme: State["scheme"]): void {
  if (scheme === "system") delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = scheme;
}

function remember(hash: string): void {
  lastHash = hash;
  try {
    history.replaceState(null, "", `#${hash}`);
  } catch {
    // The address of a sandboxed frame cannot be changed.
  }
}

function keys(event: KeyboardEvent): void {
  const page = current!;
  const target = event.target as Element;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") !== null) return;
  if (target.matches("input:not([type=range]), select, textarea")) return;
  const { graph, store } = page;
  const onSlider = target.matches("input[type=range]");
  const step = (by: number): void => {
    stop(page);
    store.set({ step: Math.max(0, Math.min(graph.last, store.state.step + by)) });
  };
  const scrolls = target.matches(".scroll, pre, .code");
  const actions: Record<string, (() => void) | undefined> = {
    ArrowLeft: onSlider || scrolls ? undefined : event.shiftKey ? () => graph.pan(60, 0) : () => step(-1),
    ArrowRight: onSlider || scrolls ? undefined : event.shiftKey ? () => graph.pan(-60, 0) : () => step(1),
    ArrowUp: event.shiftKey ? () => graph.pan(0, 60) : undefined,
    ArrowDown: event.shiftKey ? () => graph.pan(0, -60) : undefined,
    Home: onSlider ? undefined : () => step(-Infinity),
    End: onSlider ? undefined : () => step(Infinity),
    " ": target.matches("button, summary, a") ? undefined : () => togglePlay(page),
    "/": () => openSearch(page),
    "?": () => startTour(page),
    "+": () => graph.zoom(1.25),
    "=": () => graph.zoom(1.25),
    "-": () => graph.zoom(0.8),
    "0": () => graph.fit(),
    Escape: () => store.set({ selected: null, paths: [], trail: [] }),
  };
  const act = actions[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

addEventListener("error", (event) => {
  const root = document.getElementById("page");
  if (root !== null && document.documentElement.dataset.ready === undefined) root.textContent = `${t("failed")}: ${event.message}`;
});
