import { tellLines } from './deliveries.ts';
import type { Change, Step } from './story.ts';

/** The story as a person would tell it. */
export function tellStep(told: Step): string {
  const dying =
    'crash' in told && told.crash !== null
      ? `, and dies at ${told.crash.point} (time ${told.crash.nth})`
      : '';
  switch (told.kind) {
    case 'deliver':
      return `${told.place} ${tellChange(told.change)}${told.quietly ? ', its manifest unchanged' : ''}`;
    case 'hold':
      return told.held
        ? `the metadata of ${told.source} goes missing`
        : `the metadata of ${told.source} is complete`;
    case 'contract':
      return `the contract becomes ${told.name}`;
    case 'run':
      return `run ${told.manifest}, batch ${told.batch}${dying}`;
    case 'race':
      return `run ${told.manifest}, batch ${told.batch}, held at ${told.at.point}; beside it ${tellBeside(told)}; it goes on`;
    case 'recover':
      return `${told.verb} ${told.manifest}, batch ${told.batch}${dying}`;
    case 'backfill':
      return `backfill ${told.manifest}, batch ${told.batch}, minutes ${told.window.from} to ${told.window.to}${dying}`;
    case 'damage':
      return `a ${told.what} is damaged (${told.at}), verified, and mended as suggested`;
    case 'state':
      return `an operator sets the ${told.object} of ${told.source} to minute ${told.minute}`;
    case 'maintain':
      return `maintain the tables${told.expires ? ', keeping their last snapshot alone' : ''}${dying}`;
    case 'verify':
      return 'verify everything';
    case 'follow':
      return `do what recover names first${dying}`;
  }
}

function tellBeside({ other, dead, meanwhile: { place, change } }: Extract<Step, { kind: 'race' }>): string {
  if (!dead) return `batch ${other} is run, which finds it alive`;
  return `${place} ${tellChange(change)}, and batch ${other} is run, which takes it for dead`;
}

function tellChange(made: Change): string {
  switch (made.kind) {
    case 'replace':
      return `is delivered as ${tellLines(made.lines)}`;
    case 'grow':
      return `grows by ${tellLines(made.lines)}`;
    case 'double':
      return 'is delivered with every line twice';
    case 'reverse':
      return 'is delivered in reverse order';
    case 'shrink':
      return 'loses its last line';
    case 'remove':
      return 'is removed';
    case 'corrupt':
      return `has line ${made.at + 1} broken`;
  }
}
