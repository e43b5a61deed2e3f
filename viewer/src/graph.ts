// The drawing: boxes for values and closed groups, wires for uses, labels for local derivatives, badges for what has
// been passed back.

import { h, s } from "./dom";
import { thumbnail, thumbnailSize } from "./heatmap";
import {
  badge,
  type BoxLabel,
  boxLabel,
  flowOf,
  isScalarMap,
  itemName,
  jacobianSize,
  partial,
  type WireLabel,
  wireLabel,
} from "./labels";
import { short, width } from "./metrics";
import { nested, type Placed } from "./nesting";
import { real } from "./numbers";
import { Overview } from "./overview";
import type { Page } from "./page";
import { panZoom, SMALLEST, type View, zoomed } from "./panzoom";
import { type Index, type ProgramNode, size } from "./program";
import { schedule, type Schedule } from "./schedule";
import { standalone } from "./standalone";
import { t } from "./strings";
import { sumOverUses } from "./sums";
import { FIRST, type Item, openAround, UNFOLD, visible, type Visible } from "./visible";

const BOX = 46;
/** Room below and above a box for its badge. */
const MARGIN = 15;
/** How far a badge reaches into its box. */
const OVERLAP = 5;
const PORT = 14;
/** A drawing is shown as a whole down to this scale; of a larger one a part is shown, at a scale for reading. */
const SMALLEST_READ = 0.65;
const PART_READ = 0.8;

interface DrawnItem {
  element: SVGGElement;
  value: SVGTextElement;
  badge: SVGGElement;
  label: BoxLabel;
}

export class GraphView {
  readonly element: HTMLElement;
  visible!: Visible;
  plan!: Schedule;
  /** The node that stays where it is when the drawing changes. */
  anchor: number | null = null;
  private readonly svg = s("svg", { role: "graphics-document", id: "graph" });
  private readonly world = s("g", { class: "world" });
  private readonly overview = new Overview((x, y) => this.centerOn(x, y, this.view.scale));
  private readonly sums = h("ul", { class: "sums" });
  private placed: Placed | null = null;
  private items: DrawnItem[] = [];
  private wires: SVGGElement[] = [];

  constructor(private readonly page: Page) {
    const button = (label: string, text: string, act: () => void): HTMLElement =>
      h("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
    const zoom = (factor: number) => () => this.zoom(factor);
    this.svg.append(this.world);
    this.element = h(
      "section",
      { class: "graph", "aria-label": t("graph") },
      this.svg,
      h(
        "div",
        { class: "zoom" },
        button(t("zoomIn"), "+", zoom(1.25)),
        button(t("zoomOut"), "−", zoom(0.8)),
        button(t("fit"), "⤢", () => this.fit()),
      ),
      this.overview.element,
      this.sums,
    );
    panZoom(
      this.svg,
      () => this.view,
      (view) => page.store.set({ view }),
    );
    page.store.on(["split", "open", "unfolded", "labels", "scheme", "heat", "direction"], (_, before) => this.rebuild(before.step));
    page.store.on(["step", "selected", "paths", "trail"], () => this.paint());
    page.store.on(["view"], () => this.place());
    this.svg.addEventListener("click", (event) => {
      if (event.target === this.svg) page.store.set({ selected: null, paths: [], trail: [] });
    });
    this.build();
  }

  get last(): number {
    return this.plan.stages.length;
  }

  private get view(): View {
    return this.page.store.state.view ?? this.fitting();
  }

  zoom(factor: number): void {
    const { width, height } = this.svg.getBoundingClientRect();
    this.page.store.set({ view: zoomed(this.view, factor, width / 2, height / 2) });
  }

  pan(x: number, y: number): void {
    this.page.store.set({ view: { ...this.view, x: this.view.x + x, y: this.view.y + y } });
  }

  fit(): void {
    this.page.store.set({ view: this.fitting(SMALLEST) });
  }

  /** The view at first: all of a small drawing; of one that would be too small to read, where it begins or ends. */
  private fitting(least?: number): View {
    const frame = this.svg.getBoundingClientRect();
    const { width, height } = this.placed!;
    const margin = 20;
    const whole = Math.min((frame.width - 2 * margin) / Math.max(1, width), (frame.height - 2 * margin) / Math.max(1, height));
    const scale = Math.min(1.5, whole >= (least ?? SMALLEST_READ) ? whole : (least ?? PART_READ));
    const { result } = this.page.index.program;
    // Of a large drawing one sees the result first, which all else leads to.
    const from = result === null || this.visible.items.length <= 14 ? null : this.placed!.boxes[this.visible.itemOf[result]];
    const placed = (length: number, room: number, start: number): number => (length * scale > room - 2 * margin ? start : (room - length * scale) / 2);
    const clamped = (start: number, length: number, room: number): number => Math.min(margin, Math.max(room - margin - length * scale, start));
    const x = placed(width, frame.width, from === null ? margin : clamped(frame.width - 90 - (from.x + from.width) * scale, width, frame.width));
    const y = placed(height, frame.height, from === null ? margin : clamped(frame.height / 2 - (from.y + from.height / 2) * scale, height, frame.height));
    return { x, y, scale };
  }

  /** Brings a node into the middle, if it is not in the frame. */
  center(node: number): void {
    const box = this.placed!.boxes[this.visible.itemOf[node]];
    const { x, y, scale } = this.view;
    const frame = this.svg.getBoundingClientRect();
    const [middle, level] = [box.x + box.width / 2, box.y + box.height / 2];
    const [left, top] = [middle * scale + x, level * scale + y];
    if (left > 40 && top > 40 && left < frame.width - 40 && top < frame.height - 40) return;
    this.centerOn(middle, level, scale);
  }

  private centerOn(x: number, y: number, scale: number): void {
    const { width, height } = this.svg.getBoundingClientRect();
    this.page.store.set({ view: { x: width / 2 - x * scale, y: height / 2 - y * scale, scale } });
  }

  /** Opens or closes a group or a fold, keeping its last value where it is. */
  toggleGroup(group: number): void {
    const { state } = this.page.store;
    const open = new Set(state.open);
    const item = this.visible.items.find((each) => each.kind === "group" && each.group === group);
    const unfolded = new Map(state.unfolded);
    if (!open.delete(group)) {
      open.add(group);
      // Of many repetitions the first are shown, the rest stay folded.
      const first = this.page.index.program.groups[group].groups[0];
      if (first !== undefined && !unfolded.has(first)) unfolded.set(first, [0, FIRST]);
    }
    this.anchor = item === undefined ? this.lastShown(group) : item.nodes[item.nodes.length - 1];
    this.page.store.set({ open, unfolded, selected: open.has(group) ? state.selected : `g${group}` });
  }

  unfold(item: Item): void {
    const { state } = this.page.store;
    const unfolded = new Map(state.unfolded);
    const [from, to] = unfolded.get(item.group!) ?? [0, 0];
    const before = item.key.startsWith("h");
    unfolded.set(item.group!, before ? [Math.max(0, from - UNFOLD), to] : [from, to + UNFOLD]);
    this.anchor = item.nodes[before ? 0 : item.nodes.length - 1];
    this.page.store.set({ unfolded });
  }

  private lastShown(group: number): number | null {
    const { program, groupOf } = this.page.index;
    for (let node = program.nodes.length - 1; node >= 0; node--) {
      for (let each = groupOf[node]; each !== null; each = program.groups[each].parent) if (each === group) return node;
    }
    return null;
  }

  private rebuild(stepBefore: number): void {
    const { store, index } = this.page;
    const old = { visible: this.visible, placed: this.placed!, view: this.view, plan: this.plan, items: this.items };
    const focused = document.activeElement?.getAttribute("data-key") ?? null;
    this.build();
    // The same moment of the computation, in the new steps.
    const stage = old.plan.stages[stepBefore - 1];
    let step = stepBefore >= old.plan.stages.length ? this.last : 0;
    if (step === 0 && stage !== undefined) {
      const phases = [stage.phase, stage.phase === "forward" ? "tangent" : "forward"];
      for (const phase of phases) {
        if (step === 0) {
          step = this.plan.stages.findLastIndex((each) => each.phase === phase && each.nodes.includes(stage.nodes[stage.nodes.length - 1])) + 1;
        }
      }
    }
    let { view } = store.state;
    const anchor = this.anchor;
    if (anchor !== null) {
      const middle = (shown: Visible, placed: Placed): [number, number] => {
        const box = placed.boxes[shown.itemOf[anchor]];
        return [box.x + box.width / 2, box.y + box.height / 2];
      };
      const [x, y] = middle(old.visible, old.placed);
      const [newX, newY] = middle(this.visible, this.placed!);
      view = { x: old.view.x + (x - newX) * old.view.scale, y: old.view.y + (y - newY) * old.view.scale, scale: old.view.scale };
      this.anchor = null;
    }
    store.set({ step, view });
    this.place();
    this.paint();
    if (focused !== null) {
      const again = this.world.querySelector<SVGElement>(`[data-key="${CSS.escape(focused)}"]`);
      (again ?? (anchor === null ? null : this.items[this.visible.itemOf[anchor]].element))?.focus();
    }
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches && index.program.nodes.length < 2000) this.animate(old);
  }

  /** Moves what was drawn before from its old place to its new one. */
  private animate(old: { visible: Visible; placed: Placed; view: View; items: DrawnItem[] }): void {
    const view = this.view;
    const timing = { duration: 260, easing: "ease-in-out" };
    const before = new Map(old.visible.items.map((item, k) => [item.key, k]));
    let moved = false;
    const away = (from: number, to: number): string => {
      const [a, b] = [old.placed.boxes[from], this.placed!.boxes[to]];
      const x = (a.x * old.view.scale + old.view.x - view.x) / view.scale - b.x;
      const y = (a.y * old.view.scale + old.view.y - view.y) / view.scale - b.y;
      moved ||= Math.abs(x) + Math.abs(y) > 1;
      return `translate(${x}px, ${y}px)`;
    };
    this.visible.items.forEach((item, k) => {
      const from = before.get(item.key) ?? old.visible.itemOf[item.nodes[item.nodes.length - 1]];
      const { element } = this.items[k];
      const inner = element.firstElementChild!;
      inner.animate([{ transform: away(from, k) }, { transform: "none" }], timing);
    });
    const now = new Set(this.visible.items.map((item) => item.key));
    old.visible.items.forEach((item, k) => {
      // Uses that become one input run into it.
      if (item.kind !== "use" || now.has(item.key)) return;
      const to = this.visible.itemOf[item.nodes[0]];
      const ghost = s("g", { class: "ghost", "aria-hidden": "true", transform: this.items[to].element.getAttribute("transform")! });
      ghost.append(old.items[k].element.firstElementChild!);
      this.world.append(ghost);
      const run = ghost.firstElementChild!.animate([{ transform: away(k, to), opacity: 1 }, { transform: "none", opacity: 0 }], timing);
      run.onfinish = () => ghost.remove();
    });
    if (moved) for (const wire of this.wires) wire.animate([{ opacity: 0 }, { opacity: 0, offset: 0.6 }, { opacity: 1 }], timing);
  }

  /** Makes the elements of everything that is drawn. */
  private build(): void {
    const { index, store } = this.page;
    const { state } = store;
    const shown = visible(index, state);
    this.visible = shown;
    this.plan = schedule(index, shown, state.direction);
    const labels = shown.items.map((item) => boxLabel(index, item));
    const wireLabels = shown.links.map((link) => wireLabel(index, link, state.labels));
    const incoming = shown.items.map(() => 0);
    const ports = shown.links.map((link) => incoming[link.target]++);
    this.placed = nested({
      boxes: labels.map((label, k) => ({
        width: boxWidth(label, shown.items[k]),
        height: Math.max(BOX, PORT * (incoming[k] + 1)) + 2 * MARGIN,
        inputs: incoming[k],
      })),
      lines: shown.links.map((link, k) => ({
        source: link.source,
        target: link.target,
        output: 0,
        input: ports[k],
        label_width: wireLabels[k].width,
        label_height: wireLabels[k].height,
      })),
      around: shown.items.map((item) => openAround(index, shown, item)),
    });
    this.items = shown.items.map((item, k) => this.drawItem(item, k, labels[k]));
    this.wires = shown.links.map((_, k) => this.drawWire(k, wireLabels[k]));
    this.svg.dataset.direction = state.direction;
    // Each box follows the wires that lead to it: the order in which one tabs through is the order of the computation.
    const into: SVGGElement[][] = shown.items.map(() => []);
    shown.links.forEach((link, k) => into[link.target].push(this.wires[k]));
    this.world.replaceChildren(...this.drawFrames(), ...shown.items.flatMap((_, k) => [...into[k], this.items[k].element]));
    this.svg.setAttribute(
      "aria-label",
      t("graphOf", { title: index.program.title, items: shown.items.length, links: shown.links.length }),
    );
  }

  private drawItem(item: Item, k: number, label: BoxLabel): DrawnItem {
    const { index, store } = this.page;
    const { x, y, width: boxWidth, height } = this.placed!.boxes[k];
    const tall = height - 2 * MARGIN;
    const isGroup = item.kind === "group" || item.kind === "fold";
    const first = item.nodes[0];
    const isInput = !isGroup && index.isInput[first];
    const isResult = !isGroup && first === index.program.result;
    const value = s("text", { class: "value", x: 12, y: tall / 2 + 14 + MARGIN });
    const badgeGroup = s("g", { class: "badge" });
    const name = s("text", { x: 12, y: tall / 2 - 4 + MARGIN }, s("tspan", { class: isGroup ? "title" : "name" }, label.name));
    if (label.expression !== "") name.append(s("tspan", { class: "expression" }, ` = ${label.expression}`));
    const inner = s("g");
    if (item.kind === "fold") inner.append(s("rect", { class: "box behind", x: 5, y: MARGIN + 5, width: boxWidth, height: tall, rx: 7 }));
    inner.append(
      s("rect", { class: "box", x: 0.5, y: MARGIN + 0.5, width: boxWidth - 1, height: tall - 1, rx: isInput ? tall / 2 : 7 }),
      s("rect", { class: "heat", x: 6, y: MARGIN + tall - 5, width: 0, height: 3, rx: 1.5 }),
    );
    if (isInput) for (const text of [name, value]) text.setAttribute("x", "18");
    inner.append(name, value);
    if (label.picture !== null) {
      const { href, width: wide, height: high } = label.picture;
      const place = { x: (isInput ? 18 : 12) + width(`${label.shape} `, "value") + 2, y: tall / 2 + 7.5 - high / 2 + MARGIN, width: wide, height: high };
      inner.append(s("g", { class: "picture" }, s("image", { ...place, href, preserveAspectRatio: "none" }), s("rect", { ...place, class: "frame" })));
    }
    inner.append(badgeGroup);
    const heat = this.heat(item);
    if (heat > 0) inner.querySelector(".heat")!.setAttribute("width", String(Math.max(3, heat * (boxWidth - 12))));
    const node = index.program.nodes[first];
    const spoken = isGroup
      ? `${itemName(index, item)}, ${t("contains", { n: item.nodes.length })}`
      : `${isInput ? t("input") : t("node")} ${itemName(index, item)}${label.expression === "" ? "" : ` = ${node.expression}`}, ${label.shape}`;
    const element = s(
      "g",
      {
        class: ["item", item.kind, isInput && "input", isResult && "result", !isGroup && worst(index, first) !== "" && "found"]
          .filter(Boolean)
          .join(" "),
        role: "graphics-symbol",
        tabindex: 0,
        "aria-label": spoken,
        "data-key": item.key,
        "data-nodes": isGroup ? undefined : first,
        "data-edges": item.kind === "use" ? item.edges.join(" ") : undefined,
        transform: `translate(${x} ${y})`,
        onclick: () => {
          store.set({ selected: isGroup ? `g${item.group}` : `n${first}`, trail: [] });
        },
        ondblclick: () => isGroup && this.activate(item),
        onkeydown: (event: KeyboardEvent) => this.key(event, item),
        onmouseenter: () => this.page.hover(item.nodes),
        onmouseleave: () => this.page.hover([]),
        onfocus: () => this.page.hover(item.nodes),
        onblur: () => this.page.hover([]),
      },
      inner,
    );
    const mark = isGroup ? "+" : worst(index, first);
    if (mark !== "") inner.append(s("text", { class: "mark", x: boxWidth - 11, y: MARGIN + 18, "aria-hidden": "true" }, mark));
    return { element, value, badge: badgeGroup, label };
  }

  /** The frames of open groups; the title of each closes it. */
  private drawFrames(): SVGGElement[] {
    return [...this.placed!.frames].map(([group, { x, y, width: wide, height }]) => {
      const { title } = this.page.index.program.groups[group];
      const close = (): void => this.toggleGroup(group);
      return s(
        "g",
        { class: "hull" },
        s("rect", { class: "around", x, y, width: wide, height, rx: 10 }),
        s(
          "g",
          {
            class: "close",
            role: "graphics-symbol",
            tabindex: 0,
            "aria-label": t("closeGroup", { title }),
            "data-key": `c${group}`,
            onclick: close,
            onkeydown: (event: KeyboardEvent) => event.key === "Enter" && (event.preventDefault(), close()),
          },
          s("text", { x: x + 10, y: y + 18 }, `− ${short(title, Math.max(6, Math.floor(wide / 8)))}`),
        ),
      );
    });
  }

  activate(item: Item): void {
    if (item.kind === "fold") this.unfold(item);
    else if (item.kind === "group") this.toggleGroup(item.group!);
  }

  private key(event: KeyboardEvent, item: Item): void {
    const group = this.page.index.groupOf[item.nodes[0]];
    const isGroup = item.kind === "group" || item.kind === "fold";
    if (event.key === "Enter") {
      if (isGroup) this.activate(item);
      else this.page.store.set({ selected: `n${item.nodes[0]}`, trail: [] });
    } else if (event.key === "Backspace" && !isGroup && group !== null) this.toggleGroup(group);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private drawWire(k: number, label: WireLabel): SVGGElement {
    const { index, store } = this.page;
    const link = this.visible.links[k];
    const route = this.placed!.routes[k];
    const path = curve(route.points);
    const [x, y] = route.points[route.points.length - 1];
    const edge = index.program.edges[link.edges[0]];
    const flow = link.edges.reduce((sum, each) => sum + real(index.program.edges[each].flow), 0);
    const strength = store.state.heat === "flow" ? Math.min(1, Math.abs(flow) / (this.greatestFlow() || 1)) : 0;
    const chip = s("g", { class: "label" });
    if (route.label !== null) {
      const { x: left, y: top, width: wide, height } = route.label;
      chip.append(s("rect", { x: left, y: top, width: wide, height, rx: 4 }));
      // Beside a picture the text begins at the left; alone it is in the middle of the room that it has.
      const alone = label.jacobian === null;
      const text = s("text", { x: alone ? left + wide / 2 : left + 7, y: top + height / 2 + 4.5, "text-anchor": alone ? "middle" : undefined });
      if (label.symbol !== "") text.append(s("tspan", { class: "symbol" }, label.symbol));
      text.append(s("tspan", {}, label.text));
      chip.append(text);
      if (label.jacobian !== null) {
        const [pictureWidth, pictureHeight] = thumbnailSize(size(edge.jacobian.out_shape), size(edge.jacobian.in_shape));
        const href = thumbnail(edge.jacobian, size(edge.jacobian.out_shape), size(edge.jacobian.in_shape));
        const place = { x: left + wide - pictureWidth - 5, y: top + (height - pictureHeight) / 2, width: pictureWidth, height: pictureHeight };
        chip.append(s("image", { ...place, href, preserveAspectRatio: "none" }), s("rect", { ...place, class: "frame" }));
      }
    }
    const select = (): void => store.set({ selected: `e${link.edges[0]}`, trail: [] });
    const alone = link.edges.length === 1;
    const what = !alone || isScalarMap(edge.jacobian)
      ? `${label.symbol}${label.text}`
      : `${edge.jacobian.symbol} ${jacobianSize(edge.jacobian)} ${edge.jacobian.structure}`;
    return s(
      "g",
      {
        class: `wire${edge.contribution === null ? " idle" : ""}${strength > 0 && flow < 0 ? " negative" : ""}${strength > 0 ? " weighted" : ""}`,
        role: "graphics-symbol",
        tabindex: 0,
        "aria-label": `${t("edge")} ${partial(index, link.edges[0])}: ${what}`,
        "data-key": link.key,
        "data-edges": link.edges.join(" "),
        onclick: select,
        onkeydown: (event: KeyboardEvent) => {
          if (event.key !== "Enter") return;
          select();
          event.preventDefault();
        },
        onmouseenter: () => this.page.hover([edge.source, edge.target]),
        onmouseleave: () => this.page.hover([]),
      },
      s("path", { class: "touch", d: path }),
      s("path", { class: "line", d: path, "stroke-width": strength > 0 ? 1.2 + 7 * strength : undefined }),
      s("path", { class: "head", d: `M${x} ${y}l-8 -4v8z` }),
      chip,
    );
  }

  private greatestFlow(): number {
    return this.page.index.program.edges.reduce((most, _, edge) => Math.max(most, flowOf(this.page.index, edge)), 0);
  }

  /** How hot an item is, from 0 to 1. */
  private heat(item: Item): number {
    const { index, store } = this.page;
    const { heat } = store.state;
    if (heat === "none" || heat === "flow" || item.kind === "use") return 0;
    const amount = (nodes: number[]): number => nodes.reduce((sum, node) => sum + nodeHeat(index.program.nodes[node], heat), 0);
    const greatest = this.visible.items.reduce((most, each) => Math.max(most, each.kind === "use" ? 0 : amount(each.nodes)), 0);
    return greatest > 0 ? amount(item.nodes) / greatest : 0;
  }

  private place(): void {
    const { x, y, scale } = this.view;
    this.world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.overview.update(this.placed!, this.view, this.svg.getBoundingClientRect());
  }

  /** On paper all of the drawing is shown, as wide as the paper. */
  printing(begins: boolean): void {
    if (begins) {
      this.svg.setAttribute("viewBox", `-16 -16 ${this.placed!.width + 32} ${this.placed!.height + 32}`);
      this.world.removeAttribute("transform");
    } else {
      this.svg.removeAttribute("viewBox");
      this.place();
    }
  }

  /** Marks an item that something beside the drawing points at. */
  highlight(item: number): void {
    this.items[item]?.element.classList.add("hovered");
  }

  /** Called when the page has been laid out, and whenever the frame changes its size. */
  resized(): void {
    this.place();
  }

  /** Shows the state of the steps, the selection and the paths. */
  paint(): void {
    const { index, store } = this.page;
    const { state } = store;
    const lit = this.page.lit();
    const stage = this.page.atRest() ? undefined : this.plan.stages[state.step - 1];
    const selected = state.selected;
    const onLit = new Set([...lit].flatMap((edge) => [index.program.edges[edge].source, index.program.edges[edge].target]));
    this.visible.items.forEach((item, k) => {
      const { element, value, badge: place, label } = this.items[k];
      const isGroup = item.kind === "group" || item.kind === "fold";
      const known = item.nodes.some((node) => this.plan.valueAt[node] <= state.step);
      const shown = String(known || isGroup);
      if (value.dataset.shown !== shown) {
        value.dataset.shown = shown;
        value.replaceChildren(...(shown === "true" ? [label.value] : []));
        if (label.shape !== "" && known) value.prepend(s("tspan", { class: "shape" }, `${label.shape} `));
      }
      const on = item.kind === "use" ? item.edges.some((edge) => lit.has(edge)) : item.nodes.some((node) => onLit.has(node));
      const { classList } = element;
      classList.toggle("known", known);
      classList.toggle("active", stage !== undefined && stage.item === k && stage.phase !== "seed");
      classList.toggle("lit", lit.size > 0 && on);
      classList.toggle("dim", lit.size > 0 && !on);
      classList.toggle("selected", isGroup ? selected === `g${item.group}` : selected === `n${item.nodes[0]}`);
      this.paintBadge(item, place, this.placed!.boxes[k].width, this.placed!.boxes[k].height);
    });
    this.visible.links.forEach((link, k) => {
      const on = link.edges.some((edge) => lit.has(edge));
      const { classList } = this.wires[k];
      classList.toggle("lit", on);
      classList.toggle("dim", lit.size > 0 && !on);
      classList.toggle("selected", link.edges.some((edge) => selected === `e${edge}`));
      const target = index.program.edges[link.edges[0]].target;
      classList.toggle("flowing", stage !== undefined && stage.phase !== "forward" && stage.nodes.includes(target));
    });
    this.paintSums();
  }

  private paintBadge(item: Item, place: SVGGElement, boxWidth: number, height: number): void {
    const { index, store } = this.page;
    const now = badge(index, this.plan, store.state, item);
    const text = now?.text ?? "";
    if (place.dataset.text === text && place.dataset.complete === String(now?.complete)) return;
    place.dataset.text = text;
    place.dataset.complete = String(now?.complete);
    place.replaceChildren();
    if (now === null) return;
    const wide = width(text, "badge") + 16;
    place.setAttribute("class", `badge ${store.state.direction}${now.complete ? "" : " partial"}`);
    place.setAttribute("transform", `translate(${Math.max(-4, boxWidth - wide + 4)} ${height - MARGIN - OVERLAP})`);
    place.append(s("rect", { width: wide, height: 20, rx: 10 }), s("text", { x: wide / 2, y: 14 }, text));
  }

  /** The sums over the uses of inputs that are drawn once per use. */
  private paintSums(): void {
    const { state } = this.page.store;
    const shared = state.direction === "reverse" && state.split
      ? [...new Set(this.visible.items.filter((item) => item.kind === "use").map((item) => item.nodes[0]))]
      : [];
    this.sums.setAttribute("aria-label", t("sumsOf"));
    this.sums.hidden = shared.length === 0;
    this.sums.replaceChildren(...shared.slice(0, 12).flatMap((node) => {
      const row = sumOverUses(this.page, this.plan, node);
      return row === null ? [] : [row];
    }));
  }

  /** A copy of the drawing that stands alone, for saving. */
  copy(): { svg: SVGSVGElement; width: number; height: number } {
    const background = getComputedStyle(this.element).getPropertyValue("--surface").trim();
    return standalone(this.svg, this.placed!, this.page.index.program.title, background);
  }
}

export function nodeHeat(node: ProgramNode, heat: "time" | "bytes" | "flow"): number {
  if (heat === "bytes") return node.kept_bytes;
  const total = (node.seconds === null ? 0 : real(node.seconds)) + (node.pull_seconds === null ? 0 : real(node.pull_seconds));
  return heat === "time" ? total : 0;
}

/** `!` on a node that something went wrong at; notes are not worth it. */
function worst(index: Index, node: number): string {
  const { nodes, findings } = index.program;
  return nodes[node].findings.some((finding) => findings[finding]?.severity !== "note") ? "!" : "";
}

function boxWidth(label: BoxLabel, item: Item): number {
  const isGroup = item.kind === "group" || item.kind === "fold";
  const title = width(label.name, isGroup ? "value" : "name") * (isGroup ? 1.08 : 1) + (label.expression === "" ? 0 : width(` = ${label.expression}`, "expression"));
  const value = width(label.value, "value") + (label.picture?.width ?? 0) + (label.shape === "" ? 0 : width(`${label.shape} `, "value"));
  return Math.ceil(Math.max(56, label.room, title + (isGroup ? 22 : 10), value, label.badge === "" ? 0 : width(label.badge, "badge") - 10) + 26);
}

/** Points of different height are joined by a curve that is level at both, the others by a straight line. */
function curve(points: [number, number][]): string {
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let k = 1; k < points.length; k++) {
    const [[fromX, fromY], [x, y]] = [points[k - 1], points[k]];
    const middle = (fromX + x) / 2;
    path += Math.abs(y - fromY) < 0.01 ? `L${x} ${y}` : `C${middle} ${fromY} ${middle} ${y} ${x} ${y}`;
  }
  return path;
}
