import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Output } from '../tidemark/src/cli/output.ts';
import { buildProgram } from '../tidemark/src/cli/program.ts';
import { RESTART_POINTS } from '../tidemark/src/model/restart-points.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'data/README.md',
  'infra/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

/** Pages that name the test of each of their lines. */
const PAGES_WITH_TESTS = [
  'docs/INVARIANTS.md',
  'docs/SECURITY.md',
  'docs/blueprints/week03/reliability_checklist.md',
];

const withoutFences = (text: string) => text.replaceAll(/^(```|~~~).*?^\1/gms, '');

/** Where the inline links of a Markdown text lead, in their order. */
function linksOf(text: string): string[] {
  return [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Anchors that GitHub gives the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6}\s+(.*?)\s*$/gm)) {
    const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = shown.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again += 1) unique = `${anchor}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** Why a link leads nowhere; null for one that does not, and for one that leads out of the repository. */
function brokenLink(page: string, target: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const [path = '', anchor] = decodeURIComponent(target).split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (relative('.', file).startsWith('..')) return `${page}: ${target} leads out of the repository`;
  if (!existsSync(join(root, file))) return `${page}: ${target} does not exist`;
  if (anchor === undefined || statSync(join(root, file)).isDirectory()) return null;
  return anchorsOf(read(file)).has(anchor) ? null : `${page}: ${target} names no heading of ${file}`;
}

interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** `[…](….test.ts) `title`, `title``: the code spans after a link to a test file (`….mysql.ts`: of those that need its server), up to the next link or cell. */
function namedTests(page: string, line: string): NamedTest[] {
  const mentions = line.matchAll(/\]\(([^)\s]+\.(?:test|mysql)\.ts)\)((?:[^[|`]|`[^`]*`)*)/g);
  return [...mentions].flatMap(([, target = '', after = '']) => {
    const file = join(dirname(page), target);
    const titles = [...after.matchAll(/`([^`]+)`/g)].map(([, title = '']) => title);
    return titles.length === 0 ? [{ file, title: '' }] : titles.map((title) => ({ file, title }));
  });
}

/** Whether a file has a test of this title, spelt as in its source: templates are named with their placeholders. */
function hasTest({ file, title }: NamedTest): boolean {
  if (title === '' || !existsSync(join(root, file))) return false;
  const source = read(file);
  return ["'", '"', '`'].some((quote) => {
    const before = source.split(`${quote}${title}${quote}`).slice(0, -1);
    return before.some((text) => /\b(?:it|test)\(\s*$/.test(text));
  });
}

/** Lines that claim something: rows of a table below its head, items of a list. */
function claimsOf(page: string): string[] {
  return read(page)
    .split('\n')
    .filter((line) => /^\| (?!invariant |input |-)|^- /.test(line));
}

describe('the pages', () => {
  it('lead nowhere that does not exist', () => {
    const links = PAGES.flatMap((page) => linksOf(read(page)).map((target) => [page, target] as const));
    assert.ok(links.length > 100, `${links.length} links were found`);
    assert.deepEqual(
      links.flatMap(([page, target]) => brokenLink(page, target) ?? []),
      [],
    );
  });

  for (const page of PAGES_WITH_TESTS) {
    it(`name for each line a test that exists: ${page}`, () => {
      const claims = claimsOf(page);
      assert.ok(claims.length >= 20, `${claims.length} claims were found`);
      assert.deepEqual(
        claims.filter((line) => namedTests(page, line).length === 0),
        [],
        'a claim without a test',
      );
      assert.deepEqual(
        claims.flatMap((line) => namedTests(page, line)).filter((named) => !hasTest(named)),
        [],
      );
    });
  }

  it('of the architecture name every restart point and every table of the catalog', () => {
    const page = read('docs/ARCHITECTURE.md');
    const schema = read('tidemark/src/catalog/schema.ts');
    const [, body = ''] = /export interface CatalogTables \{\n(.*?)\n\}/s.exec(schema) ?? [];
    const tables = [...body.matchAll(/^ {2}(\w+): \{/gm)].map(([, name = '']) => name);
    assert.ok(tables.includes('iceberg_tables') && tables.length > 20, tables.join());
    assert.deepEqual(
      [...RESTART_POINTS, ...tables].filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
  });

  it('of the README name exactly the verbs of the command line', () => {
    const { commands } = buildProgram({
      version: '0',
      carry: async () => undefined,
      output: new Output(process),
    });
    const [, table = ''] = /^\| verb \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)/m.exec(read('README.md')) ?? [];
    const named = table.split('\n').flatMap((row) => {
      const [, first = ''] = row.split('|');
      return [...first.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words.split(' '));
    });
    assert.deepEqual(
      named.map(([verb]) => verb).sort(),
      commands.flatMap((command) => [command.name(), ...command.aliases()]).sort(),
    );
    for (const [verb, sub] of named.filter((words) => words.length > 1)) {
      const found = commands.find((command) => command.name() === verb)?.commands ?? [];
      assert.ok(
        found.some((command) => command.name() === sub),
        `${verb} ${sub}`,
      );
    }
  });
});
