import { isMap, isScalar, type Node } from 'yaml';
import { parseDuration } from '../model/duration.ts';
import { nearMiss } from '../model/near-miss.ts';
import type { Refuse } from './refuse.ts';

/** What a project expects of one manifest: `manifest_settings.<manifest_id>` of `tidemark.yaml`. */
export interface ManifestSettings {
  /** How often new data is due, in ms; null: never, so that nothing is stale. */
  readonly cadenceMs: number | null;
  /** How late a record may come and still belong: the watermark stays this far behind what was seen. In ms. */
  readonly latenessMs: number;
  /** How far behind its cursor an incremental run reads again. */
  readonly lookback: Lookback;
  /** Length of a partition in ms, counted from 1970-01-01T00:00:00Z; null where none is declared. */
  readonly partitionMs: number | null;
}

/** A duration for cursors that are times, a number for those that are integers; both zero where none is declared. */
export type Lookback =
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'steps'; readonly steps: bigint };

export const DEFAULT_MANIFEST_SETTINGS: ManifestSettings = {
  cadenceMs: null,
  latenessMs: 0,
  lookback: { kind: 'duration', ms: 0 },
  partitionMs: null,
};

/** What is declared for a manifest; the defaults where nothing is. */
export function settingsOf(
  settings: Readonly<Record<string, ManifestSettings>>,
  manifestId: string,
): ManifestSettings {
  return Object.hasOwn(settings, manifestId)
    ? (settings[manifestId] ?? DEFAULT_MANIFEST_SETTINGS)
    : DEFAULT_MANIFEST_SETTINGS;
}

const FIELDS = ['cadence', 'lateness', 'lookback', 'partitions'];
const NAMED_PARTITIONS: Readonly<Record<string, string>> = { daily: '1d', hourly: '1h' };

export function manifestSettingsFrom(
  node: Node | undefined,
  refuse: Refuse,
): Readonly<Record<string, ManifestSettings>> {
  if (node === undefined) return {};
  if (!isMap(node)) return refuse(node, 'manifest_settings: expected a mapping of manifest ids');
  const settings: [string, ManifestSettings][] = [];
  for (const { key, value } of node.items) {
    const manifestId = String(isScalar(key) ? key.value : key);
    settings.push([
      manifestId,
      settingsFrom({ at: `manifest_settings.${manifestId}`, node: value as Node }, refuse),
    ]);
  }
  return Object.fromEntries(settings);
}

function settingsFrom({ at, node }: { at: string; node: Node }, refuse: Refuse): ManifestSettings {
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of ${FIELDS.join(', ')}`);
  let settings = DEFAULT_MANIFEST_SETTINGS;
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key);
    const field: Field = { at: `${at}.${name}`, node: value as Node, text: textOf(value), refuse };
    switch (name) {
      case 'cadence':
        settings = { ...settings, cadenceMs: positive(field) };
        break;
      case 'lateness':
        settings = { ...settings, latenessMs: duration(field) };
        break;
      case 'lookback':
        settings = { ...settings, lookback: lookback(field) };
        break;
      case 'partitions':
        settings = { ...settings, partitionMs: positive(named(field)) };
        break;
      default: {
        const meant = nearMiss(name, FIELDS);
        const hint = meant === undefined ? `known: ${FIELDS.join(', ')}` : `did you mean ${meant}?`;
        refuse(key as Node, `${at}: unknown field ${name}; ${hint}`);
      }
    }
  }
  return settings;
}

interface Field {
  readonly at: string;
  readonly node: Node;
  /** As written: a number beyond 2^53 keeps its digits. */
  readonly text: string;
  readonly refuse: Refuse;
}

function textOf(node: unknown): string {
  if (!isScalar(node)) return '';
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}

function duration({ at, node, text, refuse }: Field): number {
  return (
    parseDuration(text) ?? refuse(node, `${at}: expected a duration such as 1d, 6h or PT6H${found(text)}`)
  );
}

function positive(field: Field): number {
  const ms = duration(field);
  return ms > 0 ? ms : field.refuse(field.node, `${field.at}: expected more than no time at all`);
}

function lookback({ at, node, text, refuse }: Field): Lookback {
  if (/^\d+$/.test(text)) return { kind: 'steps', steps: BigInt(text) };
  const ms = parseDuration(text);
  if (ms !== null) return { kind: 'duration', ms };
  return refuse(
    node,
    `${at}: expected a duration such as 2h, or a number for a whole-number cursor${found(text)}`,
  );
}

/** `daily` and `hourly` as durations; a misspelled one is named. */
function named(field: Field): Field {
  const { at, node, text, refuse } = field;
  const known = NAMED_PARTITIONS[text];
  if (known !== undefined) return { ...field, text: known };
  const meant = parseDuration(text) === null ? nearMiss(text, Object.keys(NAMED_PARTITIONS)) : undefined;
  if (meant !== undefined) return refuse(node, `${at}: unknown length ${text}; did you mean ${meant}?`);
  if (parseDuration(text) !== null) return field;
  return refuse(node, `${at}: expected daily, hourly or a duration such as 6h${found(text)}`);
}

function found(text: string): string {
  return text === '' ? '' : `, found ${text}`;
}
