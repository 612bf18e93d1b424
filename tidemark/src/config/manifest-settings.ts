import { isMap, isScalar, type Node } from 'yaml';
import { type ManifestSettings, readSetting, SETTING_NAMES } from '../model/manifest-settings.ts';
import { nearMiss } from '../model/near-miss.ts';
import { formatsFrom } from './formats-from.ts';
import type { Refuse } from './refuse.ts';

/** `manifest_settings.<manifest_id>` of `tidemark.yaml`: what the project says of a manifest beats what it says itself. */
export function manifestSettingsFrom(
  node: Node | undefined,
  refuse: Refuse,
): Readonly<Record<string, Partial<ManifestSettings>>> {
  if (node === undefined) return {};
  if (!isMap(node)) return refuse(node, 'manifest_settings: expected a mapping of manifest ids');
  const settings = node.items.map(({ key, value }) => {
    const manifestId = textOf(key);
    return [
      manifestId,
      settingsFrom({ at: `manifest_settings.${manifestId}`, node: value as Node }, refuse),
    ] as const;
  });
  return Object.fromEntries(settings);
}

const KNOWN = [...SETTING_NAMES, 'formats'];

function settingsFrom({ at, node }: { at: string; node: Node }, refuse: Refuse): Partial<ManifestSettings> {
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of ${KNOWN.join(', ')}`);
  let settings: Partial<ManifestSettings> = {};
  for (const { key, value } of node.items) {
    const written = textOf(key);
    if (written === 'formats') {
      settings = { ...settings, formats: formatsFrom({ at: `${at}.formats`, node: value as Node }, refuse) };
      continue;
    }
    const name = SETTING_NAMES.find((known) => known === written);
    if (name === undefined) {
      const meant = nearMiss(written, KNOWN);
      const hint = meant === undefined ? `known: ${KNOWN.join(', ')}` : `did you mean ${meant}?`;
      return refuse(key as Node, `${at}: unknown field ${written}; ${hint}`);
    }
    const text = textOf(value);
    const read = readSetting(name, text);
    if (typeof read === 'string')
      return refuse(value as Node, `${at}.${name}: ${read}${text === '' ? '' : `, found ${text}`}`);
    settings = { ...settings, ...read };
  }
  return settings;
}

/** As written: a number beyond 2^53 keeps its digits. */
function textOf(node: unknown): string {
  if (!isScalar(node)) return '';
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}
