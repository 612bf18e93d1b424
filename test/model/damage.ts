import { rm } from 'node:fs/promises';
import { recover } from './execute.ts';
import { expectedPlan } from './expected/plan.ts';
import { isRow, type Unit } from './expected/unit.ts';
import { type ManifestName, sourcesOf } from './names.ts';
import type { Stage } from './stage.ts';
import { alterObject, storedUnit } from './stored-units.ts';
import type { Step } from './story.ts';
import { verify } from './verify.ts';

type Damage = Extract<Step, { kind: 'damage' }>;

/** Damages what is stored, verifies, and types what that suggests. */
export async function damage(stage: Stage, { what, at }: Damage): Promise<string[]> {
  const { world, model } = stage;
  const candidates = model.units.filter((unit) => isMendable(stage, { unit, what }));
  const unit = candidates[at % Math.max(1, candidates.length)];
  if (unit === undefined) return [];
  const { sha256, dataFile, inDataFile } = await storedUnit(world.home, { unit, units: model.units, at });
  if (what === 'raw object') await alterObject(world.home, { sha256, at });
  else if (dataFile === null || !inDataFile.every((one) => isMendable(stage, { unit: one, what }))) return [];
  else {
    for (const one of inDataFile) one.damaged = true;
    await rm(dataFile);
  }
  const { symptoms } = await world.ask(async (tidemark) => await tidemark.verify());
  const about = symptoms.filter(({ kind }) => kind.startsWith(what.replace(' ', '_')));
  if (about.length === 0)
    return [`verify finds no damaged ${what}, only ${symptoms.map(({ kind }) => kind).join()}`];
  const wrong: string[] = [];
  for (const command of new Set(about.map(({ suggestion }) => suggestion))) {
    const [, verb, manifest, batch] =
      /^tidemark (replay|rerun) --manifest manifest-(\w+)-\S+ --batch-id (\S+)$/.exec(command) ?? [];
    if (batch === undefined) return [`a ${what} is damaged, and verify suggests: ${command}`];
    const of = { manifest: manifest as ManifestName, batch };
    wrong.push(...(await recover(stage, { of, verb: verb as 'replay' | 'rerun', crash: null })));
  }
  return [...wrong, ...(await verify(stage))];
}

/** Only what can be mended is damaged: the source still delivers what a raw object held, a replay is possible. */
function isMendable({ model }: Stage, { unit, what }: { unit: Unit; what: Damage['what'] }): boolean {
  const { decision, delivery, outcomes, manifest } = unit;
  const calm = [...model.batches.values()].every(({ lastRun }) => lastRun.state !== 'died');
  const held = sourcesOf(manifest).some((name) => model.declared.get(name)?.held);
  if (decision !== null || !calm || held) return false;
  if (what === 'data file') return outcomes.some(isRow) && expectedPlan(model, unit, 'replay') !== 'refused';
  const same = delivery !== null && model.fileOf(unit)?.text === delivery.text;
  return same && expectedPlan(model, unit, 'rerun') !== 'refused';
}
