// Reads a JSON array of formulas from standard input and says which of them KaTeX, in its strict mode, refuses.
const katex = require("katex");

const refused = [];
for (const formula of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    try {
        katex.renderToString(formula, { displayMode: true, strict: "error", throwOnError: true });
    } catch (error) {
        refused.push(`${error.message}\n${formula}`);
    }
}
process.stdout.write(JSON.stringify(refused));
