// The data block of the page: base64 of zlib of JSON.

import type { PageDocument } from "./program";

export async function decoded(base64: string): Promise<PageDocument> {
  const binary = atob(base64.trim());
  const packed = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text()) as PageDocument;
}
