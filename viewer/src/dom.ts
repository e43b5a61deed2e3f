// Elements. All text goes through text nodes, so nothing in a program can become markup.

export type Child = Node | string | null | undefined | false;
type Listeners = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
type Properties = Listeners & { [name: string]: unknown };

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), properties, children);
}

const SVG = "http://www.w3.org/2000/svg";

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled<E extends Element>(element: E, properties: Properties, children: Child[]): E {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, ...children);
  return element;
}

export function append(element: Element, ...children: Child[]): void {
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
}

export function replace(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, ...children);
}

/** A button that is one of a few: it says whether it is pressed. */
export function toggle(label: string, pressed: boolean, onclick: () => void, properties: Properties = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "toggle", "aria-pressed": String(pressed), onclick, ...properties }, label);
}

/** Rows of which more are made only when asked for. */
export function gradual(parent: Element, total: number, row: (k: number) => Element, more: (left: number) => string, batch = 100): void {
  let made = 0;
  const button = h("button", { type: "button", class: "more", onclick: () => next() });
  function next(): void {
    const end = Math.min(total, made + batch);
    const rows: Element[] = [];
    for (; made < end; made++) rows.push(row(made));
    if (button.parentNode === parent) button.before(...rows);
    else parent.append(...rows);
    if (made < total) {
      button.textContent = more(total - made);
      parent.append(button);
    } else button.remove();
  }
  next();
}
