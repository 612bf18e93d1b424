// Asks a project how it stands and prints every path that was opened meanwhile: node ask-recording-opens.ts <project>
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const opened: string[] = [];

function record<Module extends object>(module: Module, names: readonly (keyof Module)[]): void {
  for (const name of names) {
    const original = module[name] as (...values: unknown[]) => unknown;
    const noted = (...values: unknown[]) => {
      opened.push(String(values[0]));
      return original.apply(module, values);
    };
    module[name] = Object.assign(noted, original) as Module[keyof Module];
  }
}
record(fs, ['open', 'openSync', 'readFile', 'readFileSync', 'createReadStream']);
record(fsPromises, ['open', 'readFile']);
syncBuiltinESMExports();

const { openTidemark } = await import('../../tidemark/src/open-tidemark.ts');
{
  await using tidemark = await openTidemark({ project: process.argv[2] ?? '.', readOnly: true });
  const { answers } = await tidemark.status();
  const { incidents } = await tidemark.incidents();
  await tidemark.advise();
  await tidemark.diagnose();
  const named = [answers?.run.runId, answers?.manifestId, answers?.batchId, incidents[0]?.key];
  const told = [];
  for (const name of named) {
    await tidemark.diagnose(name);
    told.push((await tidemark.show(name ?? '')).length);
  }
  const report = process.report.getReport() as unknown as { sharedObjects: string[] };
  const engines = report.sharedObjects.filter((path) => path.includes('duckdb'));
  fs.writeSync(1, JSON.stringify({ told, opened, engines }));
}
