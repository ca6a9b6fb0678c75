// @ts-check
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What a folder of `src` may import beside what is in it.
 *
 * @typedef {object} Layer
 * @property {readonly string[]} below folders of `src`
 * @property {readonly string[]} [types] folders of `src`, types only
 * @property {readonly string[]} [packages] by name; `node:` is all of Node's own
 */

const core = ['lib', 'xml', 'stanza', 'stream', 'link', 'muc', 'fmuc', 'gateway'];

/** @type {Readonly<Record<string, Layer>>} */
const layers = {
  lib: { below: [] },
  xml: { below: ['lib'], packages: ['ltx', 'sax'] },
  stanza: { below: ['lib', 'xml'] },
  stream: { below: ['lib', 'xml', 'stanza'], packages: ['node:crypto', 'pako'] },
  link: { below: ['lib', 'xml', 'stanza'], types: ['stream'], packages: ['node:crypto', 'pako'] },
  muc: { below: ['lib', 'xml', 'stanza'], packages: ['node:crypto'] },
  fmuc: { below: ['lib', 'xml', 'stanza', 'stream', 'link', 'muc'], packages: ['node:crypto'] },
  gateway: { below: ['lib', 'xml', 'stanza', 'stream', 'link', 'muc', 'fmuc'], types: ['config'] },
  config: { below: ['lib', 'xml'], types: core, packages: ['node:', 'smol-toml', 'valibot'] },
  io: { below: ['lib', 'xml'], types: [...core, 'config'], packages: ['node:', 'better-sqlite3'] },
  app: { below: [...core, 'config', 'io'], packages: ['node:'] },
  cli: { below: [...core, 'config', 'io', 'app'], packages: ['node:'] },
};

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/**
 * The folder of `src` that a file is in; undefined for a file that is in none.
 *
 * @param {string} file
 */
function layerOf(file) {
  const path = relative(src, file).split(sep);
  return path.length > 1 && path[0] !== '..' ? path[0] : undefined;
}

/**
 * Why a file may not import this, undefined where it may.
 *
 * @param {string} file
 * @param {string} source
 * @param {boolean} typesOnly
 */
function objection(file, source, typesOnly) {
  const from = layerOf(file);
  if (from === undefined) return undefined;
  const layer = layers[from];
  if (layer === undefined) return `src/${from} has no place among the layers`;
  const { below, types = [], packages = [] } = layer;
  if (!source.startsWith('.')) {
    const allowed = packages.some((name) => source === name || (name.endsWith(':') && source.startsWith(name)));
    return allowed ? undefined : `${from} imports ${packages.join(', ') || 'no packages'}, not ${source}`;
  }
  const to = layerOf(resolve(dirname(file), source));
  if (to === undefined) return `${from} imports from the layers only`;
  if (to === from || below.includes(to) || (typesOnly && types.includes(to))) return undefined;
  if (types.includes(to)) return `${from} imports types only from ${to}`;
  return `${from} imports ${below.join(', ') || 'no other layer'}, not ${to}`;
}

/**
 * What we use of the linter's plugin interface, which is ESLint's.
 *
 * @typedef {{ source?: { value?: unknown } | null, importKind?: string, exportKind?: string }} ImportNode
 * @typedef {{ filename: string, report: (problem: { node: ImportNode, message: string }) => void }} Context
 */

/** Holds the layers: imports go down only. */
const layersRule = {
  /** @param {Context} context */
  create(context) {
    /** @param {ImportNode} node */
    const check = (node, typesOnly = node.importKind === 'type' || node.exportKind === 'type') => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const message = objection(context.filename, source, typesOnly);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      ImportExpression: check,
      /** @param {ImportNode} node */
      TSImportType: (node) => check(node, true),
    };
  },
};

export default { meta: { name: 'fmucd' }, rules: { layers: layersRule } };
