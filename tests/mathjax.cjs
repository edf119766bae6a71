// MathJax 3, which Obsidian shows mathematics with: what it cannot read ends the program with its reason.
const root = process.argv[2];
const { mathjax } = require(`${root}/js/mathjax.js`);
const { TeX } = require(`${root}/js/input/tex.js`);
require(`${root}/js/input/tex/ams/AmsConfiguration.js`);
const { liteAdaptor } = require(`${root}/js/adaptors/liteAdaptor.js`);
const { RegisterHTMLHandler } = require(`${root}/js/handlers/html.js`);
const { SerializedMmlVisitor } = require(`${root}/js/core/MmlTree/SerializedMmlVisitor.js`);
const { STATE } = require(`${root}/js/core/MathItem.js`);

RegisterHTMLHandler(liteAdaptor());
const formatError = (_, error) => {
  throw error;
};
const InputJax = new TeX({ packages: ["base", "ams"], formatError });
const page = mathjax.document("", { InputJax });
const visitor = new SerializedMmlVisitor();
const made = JSON.parse(require("fs").readFileSync(0, "utf-8")).map(([formula, display]) => {
  try {
    return visitor.visitTree(page.convert(formula, { display, end: STATE.CONVERT }));
  } catch (error) {
    console.error(`${error.message}: ${formula}`);
    process.exit(1);
  }
});
console.log(JSON.stringify(made));
