// Builds the published command line from its source: node bundle.ts [<folder>], by default dist/bin
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';

const PACKAGE = join(import.meta.dirname, '..');
const OUT = resolve(process.argv[2] ?? join(PACKAGE, 'dist/bin'));

/**
 * Stay packages of their own: native code and WebAssembly are found beside their own files, and what is loaded by
 * `require` at first use would otherwise be loaded at once. So does seek-bzip, whose old way to make buffers Node warns of
 * anywhere but in a package.
 */
const EXTERNAL = ['@duckdb/node-api', 'mediainfo.js', 'seek-bzip', 'unpdf', /^ajv(-formats)?($|\/)/];

/** Threads begin with a file of their own, which whoever starts them names as one beside itself. */
const workers = globSync('src/**/*-worker.ts', { cwd: PACKAGE });

/**
 * What a read verb needs, in one file: resolving a module costs about as much as running it, and in the hundred that they
 * would be split into by who else needs them, finding them took most of the time of `status`.
 */
const READING =
  /src\/(cli\/commands\/status|open-tidemark|catalog\/open-sqlite|recovery\/read-overview|recovery\/advise-batches)\.ts$/;

/**
 * Split so that a command loads what it needs: its modules are imported when it is called. Threads are bundled apart: what
 * is one file for the commands is a megabyte, of which a thread needs a tenth or less. Not minified, since the compile cache
 * spares the parsing anyway and stack traces stay readable.
 */
async function bundle(): Promise<readonly OutputChunk[]> {
  const commands = await build(['src/cli/main.ts'], {
    cleanDir: true,
    groups: [
      { name: 'base', test: /src\/cli\/main\.ts$/, priority: 2 },
      { name: 'reading', test: READING, priority: 1 },
    ],
  });
  return [...commands, ...(await build(workers, { cleanDir: false, groups: [] }))];
}

type Groups = readonly { readonly name: string; readonly test: RegExp; readonly priority: number }[];

async function build(
  entries: readonly string[],
  { cleanDir, groups }: { cleanDir: boolean; groups: Groups },
): Promise<readonly OutputChunk[]> {
  const building = await rolldown({
    cwd: PACKAGE,
    input: Object.fromEntries(entries.map((path) => [basename(path, '.ts'), join(PACKAGE, path)])),
    platform: 'node',
    external: EXTERNAL,
    resolve: { mainFields: ['module', 'main'] },
  });
  const { output } = await building.write({
    dir: OUT,
    cleanDir,
    format: 'esm',
    // Flat: the entry of a thread stands beside whatever chunk starts it.
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    comments: { legal: true, annotation: false, jsdoc: false },
    codeSplitting: { groups: [...groups] },
  });
  await building.close();
  return output.filter((file) => file.type === 'chunk');
}

/** The licences of the packages whose code is in the bundle, as they ask for. */
function licences(chunks: readonly OutputChunk[]): string {
  const folders = new Set(
    chunks.flatMap(({ moduleIds }) =>
      moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []),
    ),
  );
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
    return `${name} ${version} (${license})${text}`;
  });
  return `Code of these packages is part of the files in this folder.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

const chunks = await bundle();
writeFileSync(join(OUT, 'LICENCES.txt'), licences(chunks));
