import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plainValue } from './json-node.ts';
import { leastManifest, problemsIn } from './manifest.fixture.ts';
import { parseJsonTree } from './parse-json-tree.ts';

const least = JSON.stringify(leastManifest(), null, 2);
const told = (text: string) =>
  problemsIn(text).map(({ rule, line, column, found }) => ({ rule, line, column, found }));
const syntax = (line: number, column: number, found: string) => ({
  rule: 'json_syntax',
  line,
  column,
  found,
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('JSON syntax', () => {
  it('is accepted exactly where JSON.parse accepts it, with the same value', () => {
    const pieces = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '\n',
        '\t',
        '\f',
        '"a"',
        '"',
        '\\',
        '\\u00',
        '0',
        '-',
        '1',
        '.',
        'e',
        '+',
      ],
      ...[
        'true',
        'null',
        'nul',
        "'",
        '//',
        '/*',
        '*/',
        '\ufeff',
        '\u2028',
        '\u0001',
        '{"a":',
        '[1,',
        ']}',
        '"b":2',
        'NaN',
      ],
    );
    const soup = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(soup, fc.json()), (text) => {
        const { root, findings } = parseJsonTree(text);
        const errors = findings.filter((finding) => finding.rule === 'json_syntax');
        assert.equal(errors.length === 0, isJson(text));
        if (errors.length > 0 || root === null) return;
        assert.equal(JSON.stringify(plainValue(root)), JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 3000 },
    );
  });

  it('is told once per mistake, and what could be read is judged as well', () => {
    const broken = least
      .replace('"document",', '"document"')
      .replace('"batch-1"', 'batch-1')
      .replace('"docs-team"', '"docs-team", // who else')
      .replace('"cc_by"', '"cc_bye"')
      .replace('"full_snapshot",', '"full_snapshot,');
    assert.deepEqual(told(broken), [
      syntax(4, 15, 'batch-1'),
      syntax(6, 3, '"source_type"'),
      { rule: 'unknown_value', line: 7, column: 18, found: '"cc_bye"' },
      syntax(9, 16, '"full_snapshot,'),
      syntax(18, 25, '// who else'),
      syntax(19, 1, '}'),
    ]);
  });

  it('names a comma that is one too many', () => {
    const problems = problemsIn(least.replace('"html"\n', '"html",\n').replace('    }\n', '    },\n'));
    assert.deepEqual(
      problems.map(({ line, expected, pointer }) => ({ line, expected, pointer })),
      [
        { line: 15, expected: 'no comma after the last entry', pointer: '/assets/0' },
        { line: 16, expected: 'no comma after the last entry', pointer: '/assets' },
      ],
    );
  });

  it('judges no field where the brackets do not match, since fields may have changed their owner', () => {
    const problems = problemsIn(least.replace('    }\n', '').replace('cc_by', 'cc_bye'));
    assert.deepEqual(
      problems.map((problem) => problem.rule),
      ['json_syntax', 'json_syntax'],
    );
  });

  it('says in which line an object begins that is never closed', () => {
    const [problem, ...others] = problemsIn(least.slice(0, least.indexOf('"asset_type"')));
    assert.deepEqual(others, []);
    assert.match(problem!.message, /opened in line 11/);
    assert.equal(problem!.found, 'the end of the file');
  });

  it('calls an empty file empty', () => {
    for (const text of ['', ' \n', '\ufeff']) assert.equal(problemsIn(text)[0]!.message, 'the file is empty');
  });

  it('stops after a bounded number of errors, and says so', () => {
    const problems = problemsIn('x '.repeat(1_000_000));
    assert.equal(problems.length, 101);
    assert.match(problems.at(-1)!.message, /reading stopped/);
  });

  it('stops at the limit of depth, however deep the file goes', () => {
    for (const text of ['['.repeat(1_000_000), '[},'.repeat(500_000), '{"a":'.repeat(300_000)]) {
      assert.equal(problemsIn(text).at(-1)!.rule, 'json_too_deep');
    }
  });
});
