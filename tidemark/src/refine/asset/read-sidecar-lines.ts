import type { Violation } from '../../contract/contract.ts';
import type { JsonObject } from '../../model/json.ts';
import { lineTooLong, parseRecord } from '../parse-record.ts';
import { splitLines } from '../split-lines.ts';
import type { SidecarCheck } from './sidecar.ts';

export type SidecarLine =
  | { readonly kind: 'object'; readonly number: number; readonly object: JsonObject }
  | { readonly kind: 'malformed'; readonly number: number; readonly violation: Violation };

/** The lines of a JSONL sidecar, read by the rules for records; blank ones are left out. */
export async function* readSidecarLines({
  sidecar,
  limits,
  signal,
}: SidecarCheck): AsyncGenerator<SidecarLine> {
  for await (const batch of splitLines({ path: sidecar.path, limits, signal })) {
    for (const line of batch.lines) {
      const { number } = line;
      if (line.kind === 'overlong') {
        yield { kind: 'malformed', number, violation: lineTooLong(line.length, limits) };
        continue;
      }
      const parsed = parseRecord(batch.bytes.subarray(line.start, line.end), limits);
      yield parsed.kind === 'record'
        ? // A record is an object: that is what parsing it says.
          { kind: 'object', number, object: parsed.plain as JsonObject }
        : { kind: 'malformed', number, violation: parsed.violation };
    }
  }
}
