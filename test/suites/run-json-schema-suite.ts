import type { Contract } from '../../tidemark/src/contract/contract.ts';
import { canonicalJson } from '../../tidemark/src/model/canonical-json.ts';
import type { ExactObject } from '../../tidemark/src/model/exact-number.ts';
import { DEFAULT_LIMITS } from '../../tidemark/src/model/limits.ts';
import { compileScanner } from '../../tidemark/src/refine/compiled/compile-scanner.ts';
import { type Deviation, JUDGED_OTHERWISE, REFUSED } from './deviations.ts';
import { contractOf, narrowed, readSuite, type SuiteGroup } from './json-schema-suite.ts';
import { judgeByLanes } from './judge-by-lanes.ts';

/** Runs the public suite through both lanes; what is not as the suite says has to be listed, no more and no less. */
async function main(draftDir: string): Promise<number> {
  const refused: string[] = [];
  const otherwise: string[] = [];
  let agreed = 0;
  let provable = 0;
  for (const group of await readSuite(draftDir)) {
    const contract = contractOf(group.schema);
    if (typeof contract === 'string') {
      refused.push(group.name);
      continue;
    }
    for (const judging of [contract, ...narrowed(group.schema).map(contractOf)]) {
      if (typeof judging === 'string' || !isProvable(judging)) continue;
      provable += 1;
      if (judging !== contract) await judgeByLanes(linesOf(group), judging);
    }
    const verdicts = await judgeByLanes(linesOf(group), contract);
    for (const [index, { description, valid }] of group.tests.entries()) {
      // What no column can hold is a rejection of ours, and nothing that the suite speaks of.
      const against = verdicts.get(index + 1)?.filter(({ rule }) => rule !== 'unrepresentable');
      if ((against?.length === 0) === valid) agreed += 1;
      else otherwise.push(`${group.name} / ${description}`);
    }
  }
  const surprises = [...unlisted(refused, REFUSED), ...unlisted(otherwise, JUDGED_OTHERWISE)];
  process.stdout.write(
    `JSON-Schema-Test-Suite, draft 2020-12 and formats, through every lane:\n` +
      `  ${agreed} tests judged as the suite says; both lanes agree on each, ${provable} schemas within the compiled one\n` +
      `  ${otherwise.length} otherwise, ${refused.length} schemas refused as contracts; listed: ${surprises.length === 0 ? 'all' : 'not all'}\n`,
  );
  for (const surprise of surprises) process.stdout.write(`  ${surprise}\n`);
  return surprises.length === 0 ? 0 : 1;
}

/** Whether the compiled lane knows what the schema says of the document under test. */
function isProvable(contract: Contract): boolean {
  const plan = compileScanner(contract, DEFAULT_LIMITS);
  return plan.kind === 'scanner' && !Object.hasOwn(plan.unproven, 'v');
}

function linesOf({ tests }: SuiteGroup): Buffer {
  const records = tests.map(({ data }): ExactObject => ({ ticket_id: 'T', v: data }));
  return Buffer.from(records.map((record) => `${canonicalJson(record)}\n`).join(''));
}

function unlisted(names: readonly string[], listed: readonly Deviation[]): string[] {
  const counts = listed.map(({ where, count }) => {
    const found = names.filter((name) => name.startsWith(where)).length;
    return found === count ? null : `${where}: ${found} found, ${count} listed`;
  });
  const strangers = names.filter((name) => !listed.some(({ where }) => name.startsWith(where)));
  return [...counts.filter((line) => line !== null), ...strangers.map((name) => `not listed: ${name}`)];
}

const [draftDir] = process.argv.slice(2);
if (draftDir === undefined) throw new Error('usage: run-json-schema-suite.ts <folder of draft2020-12>');
process.exitCode = await main(draftDir);
