// Moving and magnifying the drawing: drag, wheel, pinch; the buttons and keys are elsewhere.

export interface View {
  x: number;
  y: number;
  scale: number;
}

export const SMALLEST = 0.05;
const LARGEST = 6;

export function zoomed(view: View, factor: number, x: number, y: number): View {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor));
  const ratio = scale / view.scale;
  return { x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio, scale };
}

/** Calls `moved` with every new view. Dragging begins after 3 pixels, so that a click remains a click. */
export function panZoom(svg: SVGSVGElement, current: () => View, moved: (view: View) => void): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const local = (event: { clientX: number; clientY: number }): { x: number; y: number } => {
    const frame = svg.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, local(event));
    travelled = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = local(event);
    travelled += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (travelled < 3) return;
    if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    const view = current();
    const others = [...pointers].filter(([id]) => id !== event.pointerId);
    if (others.length === 0) moved({ ...view, x: view.x + now.x - before.x, y: view.y + now.y - before.y });
    else {
      const other = others[0][1];
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      moved(zoomed(view, factor, other.x, other.y));
    }
    pointers.set(event.pointerId, now);
  });
  const ended = (event: PointerEvent): void => void pointers.delete(event.pointerId);
  svg.addEventListener("pointerup", ended);
  svg.addEventListener("pointercancel", ended);
  svg.addEventListener("click", (event) => travelled >= 3 && event.stopPropagation(), true);
  svg.addEventListener(
    "wheel",
    (event) => {
      const { x, y } = local(event);
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        moved(zoomed(current(), Math.exp(-event.deltaY * 0.01), x, y));
        return;
      }
      // A page that is longer than the window scrolls; in one that is not the wheel moves the drawing.
      if (document.documentElement.scrollHeight > innerHeight + 2) return;
      event.preventDefault();
      const view = current();
      moved({ ...view, x: view.x - event.deltaX, y: view.y - event.deltaY });
    },
    { passive: false },
  );
}
