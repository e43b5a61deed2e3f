// A small picture of the whole drawing with what is in view, where the drawing is larger than its frame. A press or a drag
// in it moves the view; with the keyboard that is Shift and the arrows, so that it is nothing to tab to.

import { s } from "./dom";
import type { Placed } from "./nesting";
import type { View } from "./panzoom";

const HIGHEST = 44;
const ASIDE = 16;
const LARGEST = 0.16;

export class Overview {
  readonly element = s("svg", { class: "overview", "aria-hidden": "true" });
  private readonly seen = s("rect", { class: "seen" });
  private placed: Placed | null = null;
  private scale = 1;

  constructor(private readonly show: (x: number, y: number) => void) {
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      this.pointed(event);
    });
    this.element.addEventListener("pointermove", (event) => event.buttons > 0 && this.pointed(event));
  }

  /** Draws what is in a frame of this size, in this view; nothing if that is all. */
  update(placed: Placed, view: View, frame: { width: number; height: number }): void {
    const whole = placed.width * view.scale <= frame.width && placed.height * view.scale <= frame.height;
    this.element.classList.toggle("needed", !whole);
    if (whole || frame.width <= 2 * ASIDE) return;
    const scale = Math.min((frame.width - 2 * ASIDE) / placed.width, HIGHEST / placed.height, LARGEST);
    if (placed !== this.placed || scale !== this.scale) this.draw(placed, scale);
    // Only what of the view is in the drawing.
    const part = (start: number, room: number, length: number): [number, number] => {
      const from = Math.min(Math.max(-start / view.scale, 0), length);
      return [from * scale, (Math.min(Math.max((room - start) / view.scale, 0), length) - from) * scale];
    };
    const [x, width] = part(view.x, frame.width, placed.width);
    const [y, height] = part(view.y, frame.height, placed.height);
    for (const [name, value] of Object.entries({ x, y, width, height })) this.seen.setAttribute(name, String(value));
  }

  private draw(placed: Placed, scale: number): void {
    this.placed = placed;
    this.scale = scale;
    const rectangles = (all: Iterable<{ x: number; y: number; width: number; height: number }>, kind: string): SVGElement[] =>
      [...all].map((box) => s("rect", { class: kind, x: box.x * scale, y: box.y * scale, width: Math.max(2, box.width * scale), height: Math.max(2, box.height * scale) }));
    this.element.setAttribute("width", String(Math.ceil(placed.width * scale) + 2));
    this.element.setAttribute("height", String(Math.ceil(placed.height * scale) + 2));
    this.element.replaceChildren(s("g", { transform: "translate(1 1)" }, ...rectangles(placed.frames.values(), "around"), ...rectangles(placed.boxes, "place"), this.seen));
  }

  private pointed(event: PointerEvent): void {
    const { left, top } = this.element.getBoundingClientRect();
    this.show((event.clientX - left - 1) / this.scale, (event.clientY - top - 1) / this.scale);
  }
}
