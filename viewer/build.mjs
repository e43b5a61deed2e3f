// Bundles src/main.ts and src/style.css into the package's assets, or into the folder that is named on the command line.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.argv[2] ?? `${here}../src/chainrule/explain/_assets`;

await build({
  absWorkingDir: here,
  entryPoints: { viewer: "src/main.ts" },
  outdir,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  target: ["es2022"],
  legalComments: "none",
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: { viewer: "src/style.css" },
  outdir,
  bundle: true,
  minify: true,
  charset: "utf8",
  loader: { ".woff2": "dataurl" },
  logLevel: "warning",
});
