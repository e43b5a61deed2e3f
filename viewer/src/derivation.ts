// The derivation as mathematics: MathML that Python made, and the same as text and LaTeX.

import { h } from "./dom";
import type { Page } from "./page";
import { t } from "./strings";

const MATHML = "http://www.w3.org/1998/Math/MathML";
// Only these elements and attributes are taken over, so the derivation cannot be anything but mathematics.
const elements = new Set(
  "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom mover munder munderover msub msup msubsup mmultiscripts mprescripts mtable mtr mtd menclose semantics annotation none".split(" "),
);
const attributes = new Set(
  "display mathvariant stretchy fence separator lspace rspace minsize maxsize movablelimits accent accentunder linethickness displaystyle scriptlevel columnalign rowspacing columnspacing width height depth encoding notation largeop form symmetric intent arg".split(" "),
);

export function derivationPanel(page: Page): HTMLElement {
  const { mathml, text, latex } = page.index.document;
  const panel = h("div", { class: "derivation" });
  if (page.index.isMoved) panel.append(h("p", { class: "hint" }, t("ofTheRun")));
  if (mathml !== "") {
    // The content policy knows no inline styles, so these are read and not applied.
    const parsed = new DOMParser().parseFromString(`<body>${mathml.replaceAll(" style=", " data-style=")}</body>`, "text/html");
    const maths = [...parsed.querySelectorAll("math")].filter((each) => each.parentElement?.closest("math") === null);
    for (const math of maths) panel.append(h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("tabDerivation") }, rebuilt(math)));
  }
  const written = (title: string, content: string, open: boolean): void => {
    if (content === "") return;
    panel.append(h("details", { open }, h("summary", {}, title), h("pre", { tabindex: 0, role: "region", "aria-label": title }, content)));
  };
  written(t("derivationText"), text, mathml === "");
  written(t("derivationSource"), latex, false);
  if (panel.childElementCount === 0) panel.append(h("p", { class: "hint" }, t("noDerivation", { n: page.index.program.nodes.length })));
  return panel;
}

function rebuilt(original: Element): Element {
  const name = original.localName.toLowerCase();
  const copy = document.createElementNS(MATHML, elements.has(name) ? name : "mrow");
  for (const { name: attribute, value } of original.attributes) if (attributes.has(attribute.toLowerCase())) copy.setAttribute(attribute, value);
  const alignment = /^text-align:\s*(left|right|center)$/.exec(original.getAttribute("data-style") ?? "");
  if (alignment !== null) (copy as MathMLElement).style.textAlign = alignment[1];
  for (const child of original.childNodes) {
    if (child.nodeType === Node.ELEMENT_NODE) copy.append(rebuilt(child as Element));
    else if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent ?? "");
  }
  return copy;
}
