import type { RejectRow } from '../../evidence/rejects.ts';
import type { Page } from './page.ts';
import { wrap } from './wrap.ts';

/** One rejected record: where it stands, and each thing that its contract does not allow. One line in a pipe. */
export function rejectLines(reject: RejectRow, { width, paint }: Page): string[] {
  const place = reject.line === null ? reject.sourceId : `${reject.sourceId} line ${reject.line}`;
  const all = reject.violations.length > 0 ? reject.violations : [reject];
  const broken = all.map(
    ({ rule, pointer, expected, received }) =>
      `${rule}${pointer === '' ? '' : ` ${pointer}`}: expected ${expected}, found ${received}`,
  );
  const payload = payloadText(reject);
  if (width === Number.POSITIVE_INFINITY) {
    return [[place, broken.join('; '), ...(payload === null ? [] : [payload])].join('  ')];
  }
  return [
    paint.strong(place),
    ...broken.flatMap((text) => wrap(text, { width, first: '  ', hanging: '    ' })),
    ...(payload === null ? [] : wrap(payload, { width, first: '  ', hanging: '    ' }).map(paint.dim)),
  ];
}

function payloadText({ payload }: RejectRow): string | null {
  if (payload === null) return null;
  if (payload.kind === 'unavailable') return `(its bytes are not to be had: ${payload.reason})`;
  return payload.omittedBytes === 0
    ? payload.text
    : `${payload.text} … and ${payload.omittedBytes} bytes more`;
}
