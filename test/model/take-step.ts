import { damage } from './damage.ts';
import { type Line, tellLines } from './deliveries.ts';
import { backfill, recover, run } from './execute.ts';
import { follow } from './follow.ts';
import { type BatchName, declaresSum, nameOf, type PlaceName, partAt } from './names.ts';
import { race } from './race.ts';
import { refusal, type Stage } from './stage.ts';
import type { Change, Step } from './story.ts';
import { verify } from './verify.ts';

/** Does a step in the world and in the model. @returns what differs in what was said of it */
export async function takeStep(stage: Stage, step: Step): Promise<string[]> {
  const { world, model } = stage;
  switch (step.kind) {
    case 'deliver': {
      await deliver(stage, { ...step, lines: changed(linesAt(stage, step.place), step.change) });
      return [];
    }
    case 'hold':
      await world.hold(step.source, step.held);
      model.declared.set(step.source, { sum: null, ...model.declared.get(step.source), held: step.held });
      return [];
    case 'contract':
      await world.setContract(step.name);
      model.contract = step.name;
      return [];
    case 'run':
      return await run(stage, step, step.crash);
    case 'race':
      return await race(stage, step, async () => {
        const { place, change } = step.meanwhile;
        await deliver(stage, { place, lines: changed(linesAt(stage, place), change), quietly: false });
      });
    case 'recover': {
      const of = meant(stage, step);
      return of === undefined ? [] : await recover(stage, { of, ...step });
    }
    case 'backfill': {
      const of = meant(stage, step);
      return of === undefined ? [] : await backfill(stage, { of, window: step.window, crash: step.crash });
    }
    case 'follow':
      return await follow(stage, step.crash);
    case 'verify':
      return await verify(stage);
    case 'maintain':
      // Of what is not there yet nothing can be maintained.
      if (model.batches.size > 0) await world.maintain(step);
      return [];
    case 'state':
      return await setState(stage, step);
    case 'damage':
      return await damage(stage, step);
  }
}

function linesAt({ model }: Stage, place: PlaceName): readonly Line[] {
  return model.file.get(place)?.lines ?? [];
}

export async function deliver(
  { world, model }: Stage,
  { place, lines, quietly }: { place: PlaceName; lines: readonly Line[] | null; quietly: boolean },
): Promise<void> {
  await world.deliver(place, lines, { quietly });
  const text = tellLines(lines ?? []);
  model.file.set(place, lines === null ? null : { text, lines });
  const { source } = partAt(place);
  const { held } = model.declared.get(source) ?? { held: false };
  if (!quietly) model.declared.set(source, { sum: declaresSum(source) ? text : null, held });
}

/** A batch that some run was of: the named one, or the latest that a backfill made. */
function meant({ model }: Stage, { manifest, batch }: BatchName): BatchName | undefined {
  if (batch === 'backfilled')
    return [...model.backfills.values()].findLast((made) => made.manifest === manifest);
  return model.batches.get(nameOf({ manifest, batch }));
}

/** Refused for a source of which nothing was committed, or that stands there already. */
async function setState(
  { world, model }: Stage,
  { source, object, minute }: Extract<Step, { kind: 'state' }>,
): Promise<string[]> {
  if (model.batches.size === 0) return [];
  const { checkpointed, cursors, watermarks } = model.progress;
  const marks = object === 'cursor' ? cursors : watermarks;
  const moves = checkpointed.has(source) && marks.get(source) !== minute;
  const done = await world.setState(source, { object, minute }).catch(refusal);
  if (moves) marks.set(source, minute);
  const said = done === undefined ? [] : [done.refused];
  return moves === (done === undefined)
    ? []
    : [`state set: expected ${moves ? 'a move' : 'a refusal'}`, ...said];
}

function changed(lines: readonly Line[], change: Change): readonly Line[] | null {
  switch (change.kind) {
    case 'replace':
      return change.lines;
    case 'grow':
      return [...lines, ...change.lines].slice(0, LINES_MAX);
    case 'double':
      return lines.flatMap((line) => [line, line]).slice(0, LINES_MAX);
    case 'reverse':
      return lines.toReversed();
    case 'shrink':
      return lines.slice(0, -1);
    case 'remove':
      return null;
    case 'corrupt':
      return lines.map((line, at) => (at === change.at ? { kind: 'broken' } : line));
  }
}

const LINES_MAX = 8;
