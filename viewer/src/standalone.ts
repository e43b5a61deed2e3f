// A copy of the drawing that needs no style sheet: what the style sheet says is written into its elements.

import { s } from "./dom";

export function standalone(
  original: SVGSVGElement,
  placed: { width: number; height: number },
  title: string,
  background: string,
): { svg: SVGSVGElement; width: number; height: number } {
  const margin = 16;
  const svg = original.cloneNode(true) as SVGSVGElement;
  const [originals, copies] = [original.querySelectorAll("*"), svg.querySelectorAll("*")];
  const properties = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-style", "font-weight", "text-anchor"];
  originals.forEach((element, k) => {
    const style = getComputedStyle(element);
    for (const name of [...copies[k].attributes].map((each) => each.name)) {
      if (/^(class|role|tabindex|aria-.*|data-.*|id)$/.test(name)) copies[k].removeAttribute(name);
    }
    if (style.display === "none") return copies[k].setAttribute("display", "none");
    if (element instanceof SVGImageElement || element instanceof SVGGElement) return undefined;
    for (const property of properties) {
      const value = style.getPropertyValue(property);
      if (value !== "" && value !== "none" && value !== "normal") copies[k].setAttribute(property, value);
      else if (property === "fill") copies[k].setAttribute("fill", "none");
    }
    return undefined;
  });
  for (const name of [...svg.attributes].map((each) => each.name)) svg.removeAttribute(name);
  const [fullWidth, fullHeight] = [Math.ceil(placed.width + 2 * margin), Math.ceil(placed.height + 2 * margin)];
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("viewBox", `0 0 ${fullWidth} ${fullHeight}`);
  svg.setAttribute("width", String(fullWidth));
  svg.setAttribute("height", String(fullHeight));
  svg.firstElementChild!.setAttribute("transform", `translate(${margin} ${margin})`);
  svg.prepend(
    s("title", {}, title),
    s("desc", {}, original.getAttribute("aria-label") ?? ""),
    s("rect", { width: fullWidth, height: fullHeight, fill: background }),
  );
  return { svg, width: fullWidth, height: fullHeight };
}
