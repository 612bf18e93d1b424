import type { Diagnosis, DiagnosisStep } from '../../recovery/diagnosis.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

const NAMES: Readonly<Record<DiagnosisStep['step'], string>> = {
  manifest: 'manifest',
  run: 'run',
  progress: 'checkpoint, cursor',
  coverage: 'coverage',
  class: 'class',
};

const COLUMN = Math.max(...Object.values(NAMES).map(({ length }) => length));

/** The story of what is wrong, in the order in which it is to be looked for, and the one thing to do. */
export function diagnosisLines(diagnosis: Diagnosis | null, page: Page): string[] {
  if (diagnosis === null) return ['Nothing was ever run here.', ...nextLines('tidemark plan', page)];
  const { batch, steps, next } = diagnosis;
  const { paint } = page;
  const about = batch === null ? 'what is about no batch' : `batch ${batch.batchId} of ${batch.manifestId}`;
  const first = steps.find(({ verdict }) => verdict === 'wrong');
  return [
    paint.strong(`Diagnosis of ${about}`),
    '',
    ...steps.flatMap((step, at) => stepLines(step, { number: at + 1, page })),
    '',
    ...(next === null
      ? [
          first === undefined
            ? paint.good('✓ nothing is wrong with it')
            : paint.attention('– told, and nothing is to be typed'),
        ]
      : nextLines(next, page)),
  ];
}

function stepLines(
  { step, verdict, told }: DiagnosisStep,
  { number, page }: { number: number; page: Page },
): string[] {
  const { paint, width } = page;
  const sign = { well: paint.good('✓'), wrong: paint.bad('✗'), note: paint.attention('–') }[verdict];
  const label = `  ${number}  ${NAMES[step].padEnd(COLUMN)}  `;
  const hanging = ' '.repeat(label.length + 2);
  const [head = '', ...rest] = told.flatMap((text) =>
    wrap(text, { width, first: hanging, hanging: `${hanging}  ` }),
  );
  return [`${paint.dim(label)}${sign} ${head.slice(hanging.length)}`, ...rest];
}
