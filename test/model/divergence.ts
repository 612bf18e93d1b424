import type { Step } from './story.ts';
import { tellStep } from './tell-step.ts';

/** The world and the model are not the same any more, after the last step of the story. */
export class Divergence extends Error {
  readonly story: readonly Step[];
  readonly wrong: readonly string[];

  constructor(story: readonly Step[], wrong: readonly string[]) {
    const told = story.map((step, at) => `  ${at + 1}. ${tellStep(step)}`);
    super(
      `After this, the world is not what the model says:\n${[...told, ...wrong.map((text) => `     ${text}`)].join('\n')}`,
    );
    this.story = story;
    this.wrong = wrong;
  }

  /** What kind of divergence it is, whatever the figures. */
  get manner(): string {
    return (this.wrong[0] ?? '').replaceAll(/[0-9a-f]{8,}|\d+/g, '').slice(0, MANNER_LENGTH);
  }
}

const MANNER_LENGTH = 22;
