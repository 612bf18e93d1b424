// Kills a real process at every restart point of every load mode and verb, follows the one command that `recover`
// names, and compares what a consumer sees. `node test/faults/crash-matrix.ts` checks its table of docs/CRASH_MATRIX.md
// against what it finds; with --write it writes the table. With --production it is the table of S3 and PostgreSQL, of
// which a check goes through PRODUCTION_CHECKED alone.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { RESTART_POINTS, type RunPoint } from '../../tidemark/src/model/restart-points.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import { SERVICES } from '../../tidemark/src/testing/services.ts';
import { runWithServices } from '../with-services.ts';
import { followAdvice } from './follow-advice.ts';
import { carryOut, killedAt, planOf, SCENARIOS, type Scenario } from './matrix-scenarios.ts';

const words = process.argv.slice(2);
const isProduction = words.includes('--production');
if (isProduction && SERVICES.s3 === undefined)
  process.exit(await runWithServices([fileURLToPath(import.meta.url), ...words]));
const isWriting = words.includes('--write');

const page = fileURLToPath(new URL('../../docs/CRASH_MATRIX.md', import.meta.url));

type Tables = Record<string, string[]>;

/** Sides of the commit: what must be seen right after the kill. */
const BEFORE_COMMIT = new Set(RESTART_POINTS.slice(0, RESTART_POINTS.indexOf('committed')));

/** Why a verb never comes by a point, for any load mode or for one. */
const NOT_PASSED: Readonly<Record<string, string>> = {
  'replay bytes_landed': 'a',
  'backfill bytes_landed': 'b',
};

interface Expected {
  readonly before: Tables;
  readonly after: Tables;
  /** What else `recover` names once the verb is done, followed to its end. */
  readonly mended: Tables;
  /** The same after one more run: of a table it reads the rows at its cursor again, which are duplicates or rejected again. */
  readonly again: Tables;
}

async function expectedOf(scenario: Scenario): Promise<Expected> {
  await using project = await scenario.prepare();
  const planId = await planOf(project, scenario.verb);
  const before = await tablesOf(project);
  await carryOut(project, scenario.verb, planId);
  const after = await tablesOf(project);
  await followAdvice(project);
  const mended = await tablesOf(project);
  if (!scenario.mode.endsWith('table')) return { before, after, mended, again: mended };
  await runProject(project);
  return { before, after, mended, again: await tablesOf(project) };
}

async function tablesOf(project: Parameters<typeof homeOf>[0]): Promise<Tables> {
  return await tablesAsSeen(homeOf(project)).catch(() => ({}));
}

/** A mark for the cell; throws with what was seen when the cell does not hold. */
async function cell(scenario: Scenario, point: RunPoint, expected: Expected): Promise<string> {
  await using project = await scenario.prepare();
  const planId = await planOf(project, scenario.verb);
  const signal = await killedAt(project, { verb: scenario.verb, planId, point });
  const isRead = scenario.mode === 'incremental_cursor, table' && scenario.verb === 'backfill';
  const excuse = isRead ? undefined : NOT_PASSED[`${scenario.verb} ${point}`];
  if (excuse !== undefined) {
    assert.equal(signal, null, 'it is said that this point is not passed');
    return excuse;
  }
  assert.equal(signal, 'SIGKILL');
  const wanted = BEFORE_COMMIT.has(point) ? expected.before : expected.after;
  assert.ok(isDeepStrictEqual(await tablesOf(project), wanted), 'right after the kill other rows are seen');
  const commands = await followAdvice(project);
  const said = commands.join(', then ') || 'nothing';
  const ran = commands.some((command) => command.split(' ')[1] === 'run');
  const end = ran ? expected.again : expected.mended;
  assert.ok(isDeepStrictEqual(await tablesOf(project), end), `other rows after ${said}`);
  return commands.map((command) => `\`${command.split(' ')[1]}\``).join(', ') || '✓';
}

/** Scenarios at once; each is one process at a time. */
const CONCURRENCY = 2;

/** Kills between a write to the store and the transaction that tells of it, and on either side of the commit. */
const PRODUCTION_CHECKED: readonly RunPoint[] = [
  'object_promoted',
  'data_files_written',
  'metadata_written',
  'inside_commit',
  'committed',
];

const points = isProduction && !isWriting ? PRODUCTION_CHECKED : RESTART_POINTS;
const only = words.find((word) => word.startsWith('--only='))?.slice('--only='.length);
const chosen = SCENARIOS.filter(({ mode }) => !isProduction || mode === 'full_snapshot').filter(
  ({ mode, verb }) => only === undefined || only === `${mode}:${verb}`,
);
const found = new Map<Scenario, string[]>();
const waiting = [...chosen];

async function work(): Promise<void> {
  for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift())
    found.set(scenario, await cellsOf(scenario));
}

async function cellsOf(scenario: Scenario): Promise<string[]> {
  const expected = await expectedOf(scenario);
  const cells: string[] = [];
  for (const point of points) {
    try {
      cells.push(await cell(scenario, point, expected));
    } catch (error) {
      process.stderr.write(`${scenario.mode} ${scenario.verb} at ${point}: ${(error as Error).message}\n`);
      cells.push('**fails**');
      process.exitCode = 1;
    }
  }
  process.stderr.write(`${scenario.mode} ${scenario.verb}: ${cells.join(' ')}\n`);
  return cells;
}

await Promise.all(Array.from({ length: CONCURRENCY }, work));

const rowOf = ({ mode, verb }: Scenario, cells: readonly string[]) =>
  `| ${mode} | ${verb} | ${cells.join(' | ')} |`;
const table = [
  `| load mode | verb | ${points.join(' | ')} |`,
  `|---|---|${points.map(() => '---|').join('')}`,
  ...chosen.map((scenario) => rowOf(scenario, found.get(scenario) ?? [])),
].join('\n');

const HEADING = '## On S3 and PostgreSQL';
const LOCAL = `# Crash matrix

Generated by \`npm run test:crash-matrix -- --write\`; do not edit. A real process is killed (\`kill -9\`) at each restart point (column) while it carries out a verb on a batch of a load mode (row). Right after the kill a consumer sees the tables as they were before, or, from \`committed\` on, as they are after, whole. Then the one command that \`tidemark recover\` names is followed, which the cell names (✓: none is needed), and the tables are the same as without the kill.

${table}

- a: a replay reads what is stored; nothing lands.
- b: this backfill finds its sources in raw; nothing lands.
- Load mode \`cdc\` is not part of this release. Manifests of mode \`replay\` and \`backfill\` run as the verb of that name.
`;
const PRODUCTION = `${HEADING}

Generated by \`npm run test:crash-matrix -- --production --write\`: the catalog is in PostgreSQL, durable files are in S3, each server a process of its own that the killed one does not take along; the consumer reads from S3. A check without \`--write\` goes through ${PRODUCTION_CHECKED.map((point) => `\`${point}\``).join(', ')}.

${table}
`;

const [local = '', production = ''] = readFileSync(page, 'utf8').split(`\n${HEADING}\n`);
const parts = { local: local.trimEnd(), production: `${HEADING}\n${production}`.trimEnd() };
if (only !== undefined) process.stdout.write(`${table}\n`);
else if (isWriting) {
  if (isProduction) parts.production = PRODUCTION.trimEnd();
  else parts.local = LOCAL.trimEnd();
  writeFileSync(page, `${parts.local}\n\n${parts.production}\n`);
} else if (isProduction ? chosen.some(isOtherThanWritten) : parts.local !== LOCAL.trimEnd()) {
  const again = isProduction ? ' --production' : '';
  process.stderr.write(
    `docs/CRASH_MATRIX.md is not what was found. Next: npm run test:crash-matrix --${again} --write\n`,
  );
  process.exitCode = 1;
}

/** Of a row that was gone through in part, the cells that were. */
function isOtherThanWritten(scenario: Scenario): boolean {
  const { mode, verb } = scenario;
  const row = parts.production.split('\n').find((line) => line.startsWith(`| ${mode} | ${verb} |`));
  const written =
    row
      ?.split(' | ')
      .slice(2)
      .map((text) => text.replace(/ \|$/, '')) ?? [];
  const cells = points.map((point) => written[RESTART_POINTS.indexOf(point)]);
  return !isDeepStrictEqual(cells, found.get(scenario));
}
