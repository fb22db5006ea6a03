// Builds what the pages load: Sass -> CSS, ES modules -> JS, Lucide -> one sprite, and the font.
// Every file carries a hash of its content in its name; manifest.json says which is which, and
// beside each text stands its gzip, so that the server need not compress. Run by `npm run build`.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import * as esbuild from "esbuild";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const out = path.resolve(here, "../static/built");
const draft = `${out}.new`;
const watching = process.argv.includes("--watch");

const STYLES = ["public", "desk", "field"];
const SCRIPTS = ["public", "home", "report", "follow", "answer", "around", "notice_form", "desk", "reception", "field", "push", "told_worker"];

// Bootstrap 5 still speaks Sass's older dialect; our own sheets do not, and their warnings are shown.
const BOOTSTRAP_DIALECT = ["import", "global-builtin", "color-functions", "if-function"];

const scss = {
  name: "scss",
  setup(build) {
    const leaflet = path.join(root, "node_modules/leaflet/dist");
    build.onResolve({ filter: /^images\// }, ({ path: image }) => ({ path: path.join(leaflet, image) }));
    build.onLoad({ filter: /\.scss$/ }, ({ path: file }) => {
      const sheet = sass.compile(file, {
        loadPaths: [path.join(root, "node_modules")],
        quietDeps: true,
        silenceDeprecations: BOOTSTRAP_DIALECT,
      });
      return {
        contents: sheet.css,
        loader: "css",
        resolveDir: root,
        watchFiles: sheet.loadedUrls.map((url) => fileURLToPath(url)),
      };
    });
  },
};

/** Returns the names listed in icons.txt, in order, comments and empty lines left out. */
async function iconNames() {
  const list = await readFile(path.join(here, "icons.txt"), "utf8");
  return [...new Set(list.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#")))];
}

/** Draws one sprite of the listed icons: a <symbol> each, its id the icon's name. */
async function sprite() {
  const names = await iconNames();
  const symbols = await Promise.all(
    names.map(async (name) => {
      const file = path.join(root, "node_modules/lucide-static/icons", `${name}.svg`);
      const source = await readFile(file, "utf8").catch(() => {
        throw new Error(`core/assets/icons.txt names "${name}", which Lucide does not have.`);
      });
      const drawing = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
      return `<symbol id="${name}" viewBox="0 0 24 24">${drawing.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`;
    }),
  );
  return { names, svg: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>` };
}

/** Says under which short name templates ask for a built file: report.js, desk.css, font.woff2. */
function shortName(file, output) {
  if (file.endsWith(".woff2")) return "font.woff2";
  if (!output.entryPoint) return null;
  return path.basename(output.entryPoint).replace(/\.scss$/, ".css");
}

/** Turns esbuild's account of its outputs into {files, imports}: what to link, and what to preload. */
function manifestOf(metafile) {
  const files = {};
  const imports = {};
  for (const [output, about] of Object.entries(metafile.outputs)) {
    const name = shortName(output, about);
    if (!name) continue;
    files[name] = path.basename(output);
    const chunks = about.imports.filter((one) => one.kind === "import-statement").map((one) => path.basename(one.path));
    if (chunks.length) imports[name] = chunks;
  }
  return { files, imports };
}

async function write(name, contents) {
  const bytes = Buffer.from(contents);
  await writeFile(path.join(draft, name), bytes);
  if (/\.(js|css|svg)$/.test(name)) {
    const packed = gzipSync(bytes, { level: 9 });
    await writeFile(path.join(draft, `${name}.gz`), packed);
    return packed.length;
  }
  return bytes.length;
}

/** Writes one finished build beside the old one, then puts it in its place and says what each name weighs. */
async function deliver(result) {
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const sizes = {};
  for (const file of result.outputFiles) {
    sizes[path.basename(file.path)] = await write(path.basename(file.path), file.contents);
  }
  const manifest = manifestOf(result.metafile);
  const { names, svg } = await sprite();
  const spriteName = `sprite-${createHash("sha256").update(svg).digest("hex").slice(0, 8)}.svg`;
  sizes[spriteName] = await write(spriteName, svg);
  manifest.files["sprite.svg"] = spriteName;
  manifest.icons = names;
  await writeFile(path.join(draft, "manifest.json"), JSON.stringify(manifest, null, 1));
  await rm(out, { recursive: true, force: true });
  await rename(draft, out);
  for (const [name, file] of Object.entries(manifest.files)) {
    const parts = [file, ...(manifest.imports[name] ?? [])];
    const total = parts.reduce((sum, part) => sum + (sizes[part] ?? 0), 0);
    console.log(`${name.padEnd(14)} ${(total / 1000).toFixed(1).padStart(6)} kB`);
  }
}

const delivery = {
  name: "delivery",
  setup(build) {
    build.onEnd(async (result) => {
      if (!result.errors.length) await deliver(result);
    });
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: [
    ...STYLES.map((name) => path.join(here, "style", `${name}.scss`)),
    ...SCRIPTS.map((name) => path.join(here, "js", `${name}.js`)),
  ],
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["es2020", "chrome91", "firefox90", "safari15"],
  outdir: out,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".png": "file" },
  legalComments: "external",
  metafile: true,
  write: false,
  plugins: [scss, delivery],
};

if (watching) {
  const context = await esbuild.context(options);
  await context.watch();
  console.log("Watching core/assets…");
} else {
  await esbuild.build(options);
}
