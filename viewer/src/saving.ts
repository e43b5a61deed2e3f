// Saving the drawing, the derivation and the data as files.

import { h } from "./dom";
import type { Page } from "./page";
import { t } from "./strings";

export const formats = ["svg", "png", "tex", "json"] as const;
export type Format = (typeof formats)[number];

const kinds: Record<Format, string> = { svg: "image/svg+xml", png: "image/png", tex: "text/x-tex", json: "application/json" };
const PNG_SCALE = 2;

export async function save(page: Page, format: Format): Promise<void> {
  const name = `${page.index.program.function.replace(/[^\p{L}\p{N}_-]+/gu, "") || "explanation"}.${format}`;
  if (format === "png") return download(await png(page), name);
  const text = format === "svg" ? svg(page) : format === "tex" ? page.index.document.latex : JSON.stringify({ schema: 1, ...page.index.program }, null, 1);
  // A sandboxed frame has an opaque origin and lets nothing be downloaded.
  if (window.origin === "null" && window.parent !== window) showText(text);
  else download(new Blob([text], { type: kinds[format] }), name);
}

export function svg(page: Page): string {
  return new XMLSerializer().serializeToString(page.graph.copy().svg);
}

async function png(page: Page): Promise<Blob> {
  const { width, height } = page.graph.copy();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg(page))}`;
  await image.decode();
  const canvas = h("canvas", { width: width * PNG_SCALE, height: height * PNG_SCALE });
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)), kinds.png));
}

function download(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function showText(text: string): void {
  const area = h("textarea", { readonly: true, rows: 16, "aria-label": t("save") }, text);
  const dialog = h("dialog", { class: "text", "aria-label": t("save") }, h("p", {}, t("cannotSave")), area);
  dialog.append(h("button", { type: "button", onclick: () => dialog.close() }, t("close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  area.select();
}
