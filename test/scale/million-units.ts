// Builds a catalog with a million units of history and measures the verbs that tell how things stand, each as a whole
// process: node test/scale/million-units.ts [units]. Takes minutes and about 4 GB below the temporary folder.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeOf, runProject } from '../../tidemark/src/testing/run-project.ts';
import { jsonLines, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { writeHistory } from './big-history.ts';

const ROUNDS = 3;
const units = Number(process.argv[2] ?? 1_000_000);
const main =
  process.env.TIDEMARK_MAIN ?? fileURLToPath(new URL('../../tidemark/bin/tidemark.js', import.meta.url));

await using project = await sampleProject();
const asset = await project.asset({
  source_id: 'desk',
  path: 'data/m.jsonl',
  content: jsonLines([ticket(1), ticket(1), ticket(2, { status: 'parked' })]),
});
await project.manifest('m', { assets: [asset] });
await runProject(project);
const size = { manifests: 50, batchesPerManifest: Math.ceil(units / 500), sources: 10 };
const begunAt = performance.now();
const anchors = writeHistory(homeOf(project), size);
const megabytes = statSync(join(homeOf(project), 'catalog.db')).size / 2 ** 20;
tell(
  `${units} units, ${megabytes.toFixed(0)} MiB, written in ${((performance.now() - begunAt) / 1000).toFixed(0)} s\n`,
);

const commands = [
  ['--version'],
  ['status'],
  ['recover', '--json'],
  ['incidents'],
  ['diagnose'],
  ['diagnose', anchors.manifest],
  ['diagnose', anchors.batch],
  ['diagnose', anchors.source],
  ['recover', anchors.batch, '--json'],
  ['recover', anchors.source, '--json'],
  ...Object.values(anchors).map((id) => ['show', id]),
];
tell('| command | CPU s, median of 3 | wall s |\n| --- | --- | --- |');
for (const words of commands) {
  const rounds = Array.from({ length: ROUNDS }, () => timeOf(words)).sort((a, b) => a.cpu - b.cpu);
  const { cpu = 0, wall = 0 } = rounds[1] ?? {};
  tell(`| ${words.join(' ')} | ${cpu.toFixed(2)} | ${wall.toFixed(2)} |`);
}

/** Of the whole process, as the shell tells it; on a machine that does other work CPU time is what compares. */
function timeOf(words: readonly string[]): { cpu: number; wall: number } {
  const from = performance.now();
  const script = '"$@" > told.txt; code=$?; times; exit $code';
  const { stdout, status, stderr } = spawnSync('sh', ['-c', script, 'sh', process.execPath, main, ...words], {
    cwd: project.root,
    encoding: 'utf8',
  });
  if (statSync(join(project.root, 'told.txt')).size === 0) throw new Error(`${main} told nothing`);
  // 4: something is not finished, as planned; 3: a batch of this history whose manifest no file declares.
  if (status !== 0 && status !== 3 && status !== 4)
    throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
  const [, children = ''] = stdout.trim().split('\n');
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
  return { cpu, wall: (performance.now() - from) / 1000 };
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
