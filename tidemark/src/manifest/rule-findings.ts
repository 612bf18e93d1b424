import { pointerTo } from '../model/json.ts';
import { readSetting, SETTING_NAMES } from '../model/manifest-settings.ts';
import { nearMiss } from '../model/near-miss.ts';
import type { Finding } from './finding.ts';
import { FORBIDDEN_COMBINATIONS, MIXED_MODALITY, PAIRINGS } from './pairings.ts';
import { MANIFEST_V2 } from './schema-findings.ts';
import { showValue } from './show-value.ts';
import type { Part, SoundParts } from './sound-parts.ts';
import { sourceRules } from './source-rules.ts';

/** The rules that span fields. Each one is judged as far as the fields it needs are sound. */
export function ruleFindings(parts: SoundParts): Finding[] {
  return [
    ...licenseRule(parts),
    ...sourceIdRule(parts),
    ...manifestPairingRules(parts),
    ...parts.assets().flatMap((asset) => assetPairingRules(parts, asset)),
    ...parts.assets().flatMap((asset) => sourceRules(parts, asset)),
    ...loadModeRule(parts),
    ...settingRules(parts),
  ];
}

function licenseRule(parts: SoundParts): Finding[] {
  const license = parts.text(parts.root, 'license_tag');
  const status = parts.text(parts.root, 'canonization_status');
  if (license !== 'unknown' || status !== 'canonized') return [];
  return [
    {
      rule: 'license_canonized',
      pointer: '/license_tag',
      message: 'what is canonized must have a known licence',
      expected: 'a known license_tag, or a canonization_status other than canonized',
      found: 'license_tag unknown with canonization_status canonized',
    },
  ];
}

function sourceIdRule(parts: SoundParts): Finding[] {
  const firstUse = new Map<string, string>();
  return parts.assets().flatMap((asset): Finding[] => {
    const id = parts.text(asset, 'source_id');
    if (id === undefined) return [];
    const first = firstUse.get(id);
    if (first === undefined) {
      firstUse.set(id, asset.pointer);
      return [];
    }
    return [
      {
        rule: 'duplicate_source_id',
        pointer: pointerTo(asset.pointer, 'source_id'),
        message: `the asset at ${first} has this source_id already`,
        expected: 'every source_id once',
        found: showValue(id),
      },
    ];
  });
}

function manifestPairingRules(parts: SoundParts): Finding[] {
  const modality = parts.text(parts.root, 'modality');
  const sourceType = parts.text(parts.root, 'source_type');
  const contract = parts.text(parts.root, 'contract_ref');
  const pairing = PAIRINGS.get(contract ?? '');
  const pairings: Finding[] = [];
  if (pairing && modality && modality !== MIXED_MODALITY && !pairing.modalities.includes(modality)) {
    pairings.push(
      notAdmitted({ rule: 'pairing_modality', pointer: '/modality', contract }, modality, pairing.modalities),
    );
  }
  if (pairing && sourceType && !pairing.sourceTypes.includes(sourceType)) {
    const at = { rule: 'pairing_source_type', pointer: '/source_type', contract } as const;
    pairings.push(notAdmitted(at, sourceType, pairing.sourceTypes));
  }
  const forbidden = FORBIDDEN_COMBINATIONS.some(
    (pair) => pair.modality === modality && pair.sourceType === sourceType,
  );
  if (!forbidden) return pairings;
  // No contract admits both, so one pairing is always broken too: that is the same mistake, seen from the contract.
  return [forbiddenCombination(`${modality} with ${sourceType}`), ...(pairings.length > 1 ? pairings : [])];
}

function assetPairingRules(parts: SoundParts, asset: Part): Finding[] {
  const modality = parts.text(parts.root, 'modality');
  const shared = parts.text(parts.root, 'contract_ref');
  const own = parts.text(asset, 'contract_ref');
  const findings: Finding[] = [];
  const foreign = own !== undefined && shared !== undefined && own !== shared;
  const isV2 = parts.text(parts.root, 'schema_version') === MANIFEST_V2;
  const refused = foreign && !isV2 && modality !== undefined && modality !== MIXED_MODALITY;
  if (refused) {
    findings.push({
      rule: 'asset_contract',
      pointer: pointerTo(asset.pointer, 'contract_ref'),
      message: `only in a manifest of modality ${MIXED_MODALITY} may an asset have a contract of its own`,
      expected: `${shared}, or no contract_ref`,
      found: showValue(own),
    });
  }
  if (own === undefined && !parts.isSound(asset, 'contract_ref')) return findings;
  // Where the own contract is refused, the manifest's is the only one that the asset can have.
  const contract = refused ? shared : (own ?? shared);
  const assetType = parts.text(asset, 'asset_type');
  const admitted = PAIRINGS.get(contract ?? '')?.assetTypes;
  if (admitted && assetType && !admitted.includes(assetType)) {
    const at = {
      rule: 'pairing_asset_type',
      pointer: pointerTo(asset.pointer, 'asset_type'),
      contract,
    } as const;
    findings.push(notAdmitted(at, assetType, admitted));
  }
  return findings;
}

function forbiddenCombination(found: string): Finding {
  return {
    rule: 'forbidden_combination',
    pointer: '/source_type',
    message: 'this modality and this source_type never go together',
    expected: 'a source_type that fits the modality',
    found,
  };
}

function notAdmitted(
  at: Pick<Finding, 'rule' | 'pointer'> & { readonly contract: string | undefined },
  found: string,
  admitted: readonly string[],
): Finding {
  const field = at.pointer.slice(at.pointer.lastIndexOf('/') + 1);
  const suggestion = nearMiss(found, admitted);
  return {
    rule: at.rule,
    pointer: at.pointer,
    message: `the contract ${at.contract} does not admit this ${field}`,
    expected: admitted.length === 1 ? admitted.join() : `one of ${admitted.join(', ')}`,
    found: showValue(found),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function settingRules(parts: SoundParts): Finding[] {
  return SETTING_NAMES.flatMap((name): Finding[] => {
    const value = parts.root.fields[name];
    if (value === undefined || !parts.isSound(parts.root, name)) return [];
    const read = readSetting(name, String(value));
    if (typeof read !== 'string') return [];
    const message = `this ${name} cannot be used`;
    return [
      {
        rule: 'wrong_form',
        pointer: `/${name}`,
        message,
        expected: read.replace(/^expected /, ''),
        found: showValue(value),
      },
    ];
  });
}

/** Fields of `selection_window`: one of each group must say something. */
const NEEDED_BY_MODE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  incremental_cursor: [['cursor_field'], ['cursor_start']],
  cdc: [['cursor_field', 'watermark_field']],
  replay: [['replay_from_batch']],
  backfill: [['start_at'], ['end_at']],
};

function loadModeRule(parts: SoundParts): Finding[] {
  const mode = parts.text(parts.root, 'load_mode');
  const window = parts.object(parts.root, 'selection_window');
  if (mode === undefined || !Object.hasOwn(NEEDED_BY_MODE, mode)) return [];
  if (window === undefined && !parts.isSound(parts.root, 'selection_window')) return [];
  return NEEDED_BY_MODE[mode]!.flatMap((group): Finding[] => {
    if (window === undefined)
      return [neededField({ mode, group, pointer: '', found: 'no selection_window' })];
    const said = group.some((name) => parts.text(window, name) || !parts.isSound(window, name));
    if (said) return [];
    const empty = group.find((name) => window.fields[name] !== undefined);
    if (empty === undefined) {
      return [neededField({ mode, group, pointer: window.pointer, found: 'no such field' })];
    }
    const pointer = pointerTo(window.pointer, empty);
    return [neededField({ mode, group, pointer, found: showValue(window.fields[empty]) })];
  });
}

function neededField(needed: {
  readonly mode: string;
  readonly group: readonly string[];
  readonly pointer: string;
  readonly found: string;
}): Finding {
  const fields = needed.group.join(' or ');
  return {
    rule: 'load_mode_needs',
    pointer: needed.pointer,
    message: `load_mode ${needed.mode} needs ${fields} in selection_window`,
    expected: `${fields}, given and not empty`,
    found: needed.found,
  };
}
