import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from './pattern.ts';
import { compileAutomaton } from './pattern-automaton.ts';
import { longestCheapText } from './pattern-cost.ts';
import { parsePattern } from './pattern-syntax.ts';

/** Patterns made of every feature that the automaton knows, over a small alphabet, so that texts often match. */
const patterns = fc.letrec<{ pattern: string; sequence: string; term: string; atom: string }>((tie) => ({
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((options) => options.join('|')),
  sequence: fc.array(tie('term'), { maxLength: 4 }).map((terms) => terms.join('')),
  term: fc
    .tuple(
      tie('atom'),
      fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{1,}', '{0,2}', '{1,3}?', '{0}'),
    )
    .map(([atom, quantifier]) => (/^(\^|\$|\\[bB])$/.test(atom) ? atom : atom + quantifier)),
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '-', '.', '[ab]', '[^a]', '\\w', '\\W', '\\d', '\\s', '^', '$', '\\b', '\\B'),
    fc.constantFrom(
      'é',
      '\\u{1f600}',
      '\\ud83d\\ude00',
      '😀',
      '[\\]a]',
      '\\p{L}',
      '\\x61',
      '\\.',
      '[\\d-]',
      '\\n',
    ),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('sequence').map((inner) => `(?<n>${inner.replaceAll(/\(\?<n>/g, '(?:')})`),
  ),
})).pattern;

const texts = fc.array(
  fc.constantFrom('a', 'b', 'a', 'b', '-', '.', '1', ' ', '\n', 'é', '😀', '\ud83d', ']'),
  {
    maxLength: 8,
  },
);

test('the automaton gives the verdict of the language on every pattern and text', () => {
  fc.assert(
    fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 6 }), (pattern, many) => {
      let engine: RegExp;
      try {
        engine = new RegExp(pattern, 'uy');
      } catch {
        return; // Two groups of one name.
      }
      const node = parsePattern(engine.source);
      assert.ok(node !== null, pattern);
      const automaton = compileAutomaton(node);
      assert.ok(automaton !== null, pattern);
      for (const units of many) {
        const text = units.join('');
        assert.equal(
          automaton(text),
          matchesSomewhere(engine, text),
          `${pattern} on ${JSON.stringify(text)}`,
        );
      }
    }),
    { numRuns: 3000 },
  );
});

/** Of a sticky expression, begun at every code point: V8's own search also looks between the halves of a pair. */
function matchesSomewhere(engine: RegExp, text: string): boolean {
  for (let start = 0; start <= text.length; start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1) {
    engine.lastIndex = start;
    if (engine.test(text)) return true;
  }
  return false;
}

test('a boundary is looked for between characters, never between the two halves of one', () => {
  assert.equal(compilePattern('\\B').test('a😀a'), false);
  assert.equal(compilePattern('\\B').test('a😀'), true);
});

for (const pattern of [
  '^(a+)+$',
  '^(a|a)*$',
  '^(a*)*b',
  '^(\\w+\\s?)*$',
  '(x+x+)+y',
  '^a?a?a?a?a?a?a?a?(a?){30}a{30}$',
]) {
  test(`${pattern} is judged in no time on a text that would keep a backtracking engine for years`, () => {
    const { test, isBounded } = compilePattern(pattern);
    assert.equal(isBounded, true);
    const begin = performance.now();
    test(`${'a'.repeat(5000)}!`);
    test(`${'x'.repeat(5000)}!`);
    assert.ok(performance.now() - begin < 5000, 'took seconds');
  });
}

test('patterns of everyday identifiers run on the engine of the language, on texts of any length', () => {
  for (const pattern of ['^TKT-[0-9]{8}-[0-9]{6}$', '^(open|closed)$', '^[0-9a-f]{64}$', '^\\d{4}-\\d{2}$']) {
    assert.ok(longestCheapText(parsePattern(pattern) ?? assert.fail(), 10_000_000) > 100_000, pattern);
  }
  const namespace = parsePattern('^doc:[a-z0-9_]+:[0-9a-f]{12}$') ?? assert.fail();
  assert.ok(longestCheapText(namespace, 10_000_000) >= 1024);
});

test('the verdict is the same on both sides of the length at which the automaton takes over', () => {
  const { test: matches } = compilePattern('^(?:[a-z]+-)*[a-z]+$');
  for (const length of [1, 2, 10, 100, 1000, 10_000]) {
    assert.equal(matches(`${'ab-'.repeat(length)}c`), true);
    assert.equal(matches(`${'ab-'.repeat(length)}-c`), false);
  }
});

test('a pattern that looks around or back is run all the same, and says that it has no bound', () => {
  for (const [pattern, good, bad] of [
    ['^(?=.{1,3}$)[a-z]+$', 'abc', 'abcd'],
    ['^(?!admin$).*$', 'user', 'admin'],
    ['^(.)\\1$', 'aa', 'ab'],
  ] as const) {
    const compiled = compilePattern(pattern);
    assert.deepEqual([compiled.test(good), compiled.test(bad), compiled.isBounded], [true, false, false]);
  }
});

test('an escape of punctuation that needs none is the punctuation, and everything else stays Unicode', () => {
  assert.equal(compilePattern('^\\w+\\@\\w+\\-\\w+$').test('a@b-c'), true);
  assert.equal(compilePattern('^[\\w\\-\\@]+$').test('a-@'), true);
  assert.equal(compilePattern('^[\\+-\\@]$').test('5'), true, 'a range stays a range');
  assert.equal(compilePattern('^\\p{Lu}\\_.$').test('Ä_😀'), true);
});

test('what is no pattern is told so', () => {
  for (const pattern of ['(', '[z-a]', '\\Z', '^[\\w-.]$', 'a**', '\\p{Nope}']) {
    assert.throws(() => compilePattern(pattern), SyntaxError, pattern);
  }
});

test('a pattern that would need too large an automaton is run by the language and says that it has no bound', () => {
  assert.equal(compilePattern('^(a{0,1000}b?){0,1000}$').isBounded, false);
  assert.equal(compilePattern('^(?:){999999999}a$').test('a'), true);
});
