import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatProblems } from './format-problems.ts';
import { leastManifest, problemsOf } from './manifest.fixture.ts';

it('shows place, rule, what was expected and found, and what was probably meant', () => {
  const problems = problemsOf({ ...leastManifest({ license_tag: 'CC-BY', owner: undefined }) });
  assert.equal(
    formatProblems(problems),
    `m.json:1:1  missing_field
  the manifest lacks the field "owner"
  expected  owner: text
  found     no such field

m.json:7:18  unknown_value
  \`license_tag\` is none of the known values
  at        /license_tag
  expected  one of public_domain, cc_by, cc_by_sa, course_synthetic, proprietary, unknown
  found     "CC-BY"
  did you mean \`cc_by\`?`,
  );
});

it('is empty for no problems', () => {
  assert.equal(formatProblems([]), '');
});

it('keeps every line short and harmless, whatever names the file holds', () => {
  const problems = problemsOf({ ...leastManifest(), [`\u001b]8;;x\n${'long'.repeat(10_000)}`]: 1 });
  const text = formatProblems(problems);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is asserted
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
  assert.equal(text.split('\n').length, 5);
  for (const line of text.split('\n')) assert.ok(line.length < 700);
});
