// Generates docs/ERRORS.md from the doc comments of errors/codes.ts; with --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/errors/codes.ts', import.meta.url));
const page = fileURLToPath(new URL('../../docs/ERRORS.md', import.meta.url));

const GROUPS: Record<string, string> = {
  1: 'Declarations: manifests and contracts',
  2: 'Sources and landing',
  3: 'Refining',
  4: 'Bronze tables',
  5: 'Catalog and commit',
  6: 'Evidence',
  7: 'Runs',
  8: 'Command line and configuration',
  9: 'The engine itself',
};

interface Entry {
  readonly name: string;
  readonly code: string;
  readonly text: string;
}

export function readEntries(code: string): Entry[] {
  const found = code.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*([a-z_0-9]+): '(TM\d{4})'/g);
  return [...found].map(([, comment = '', name = '', number = '']) => ({
    name,
    code: number,
    text: comment
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trim())
      .filter((line) => line !== '')
      .join(' '),
  }));
}

export function renderPage(entries: readonly Entry[]): string {
  const sorted = entries.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const groups = Map.groupBy(sorted, ({ code }) => code.slice(2, 3));
  const parts = [...groups].map(([digit, group]) =>
    [
      `## ${GROUPS[digit] ?? digit}`,
      ...group.map(({ code, name, text }) => `### ${code} ${name}\n\n${text}`),
    ].join('\n\n'),
  );
  return [
    '# Errors',
    'Generated from `tidemark/src/errors/codes.ts` by `npm run docs:errors`; do not edit.',
    'Every message ends with the next command. The class of an error says what a caller should do: `configuration` stop and change something, `transient` try again, `conflict` another writer was first, `outcome_unknown` look before any retry, `history_lost` plan a new copy, `invariant` a fault of the engine or damaged storage.',
    ...parts,
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = renderPage(readEntries(readFileSync(source, 'utf8')));
  if (!process.argv.includes('--check')) writeFileSync(page, wanted);
  else if (readFileSync(page, 'utf8') !== wanted) {
    process.stderr.write('docs/ERRORS.md is not what errors/codes.ts says. Next: npm run docs:errors\n');
    process.exitCode = 1;
  }
}
