// Builds what the gateway serves under /graphiql into built/, with the licences of everything that is in it.
import { build } from "esbuild";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";

const { metafile } = await build({
  entryPoints: { graphiql: "source/main.js" },
  outdir: "built",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none", // they are in LICENSES.txt, whole
  metafile: true,
  alias: { "react-style-singleton": "./source/adopted-styles.js" },
  define: { "process.env.NODE_ENV": '"production"' },
});
for (const name of ["index.html", "icon.svg"]) await cp(`source/${name}`, `built/${name}`);
await writeFile("built/LICENSES.txt", await licences(metafile));

async function licences({ inputs }) {
  const folders = Object.keys(inputs).map((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
  const texts = [...new Set(folders)].filter(Boolean).sort().map(licence);
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${file ? await readFile(`${folder}/${file}`, "utf8") : ""}`;
}
