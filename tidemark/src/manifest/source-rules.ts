import {
  type DeclaredFormat,
  FORMAT_FIELDS,
  type FormatField,
  formatFault,
} from '../model/declared-format.ts';
import { pointerTo } from '../model/json.ts';
import { secretIn } from '../model/secrets-in-url.ts';
import type { Finding } from './finding.ts';
import { showValue } from './show-value.ts';
import type { Part, SoundParts } from './sound-parts.ts';

/** What an asset says of the place where it is. */
export function sourceRules(parts: SoundParts, asset: Part): Finding[] {
  return [...secretRule(parts, asset), ...sourceFieldsRule(parts, asset), ...formatRule(parts, asset)];
}

const PATHS = [
  'source_url_or_path',
  'source',
  'transcript_object_path',
  'ocr_text_path',
  'keyframe_ocr_path',
  'audio_track_path',
];

/** A manifest is kept as evidence and shown: a secret in it would be everywhere. Its value is not told here either. */
function secretRule(parts: SoundParts, asset: Part): Finding[] {
  const fields = parts.object(asset, 'source');
  const places = [
    ...PATHS.map((name) => [asset, name] as const),
    ...(fields ? [[fields, 'url'] as const] : []),
  ];
  return places.flatMap(([part, name]): Finding[] => {
    const secret = secretIn(parts.text(part, name) ?? '');
    if (secret === null) return [];
    return [
      {
        rule: 'secret_in_url',
        pointer: pointerTo(part.pointer, name),
        message: 'a manifest is kept and shown, so no secret may stand in it',
        expected: 'the bare URL; its credential by reference in tidemark.yaml (http.credentials)',
        found: `a URL that holds ${secret}`,
      },
    ];
  });
}

/** The sets of fields that `source` of a v2 asset may have. */
const SOURCE_FIELDS = [
  ['path'],
  ['glob'],
  ['sqlite', 'table'],
  ['postgres', 'table'],
  ['postgres', 'query'],
  ['mysql', 'table'],
  ['mysql', 'query'],
  ['url'],
  ['api'],
  ['singer', 'stream'],
];

function sourceFieldsRule(parts: SoundParts, asset: Part): Finding[] {
  const source = parts.object(asset, 'source');
  if (source === undefined || !parts.isSound(asset, 'source')) return [];
  const names = Object.keys(source.fields);
  const fits = SOURCE_FIELDS.some(
    (known) => known.length === names.length && known.every((name) => names.includes(name)),
  );
  // A field that nobody knows, or of the wrong type, is told already.
  if (fits || names.some((name) => !parts.isSound(source, name) || !SOURCE_FIELDS.flat().includes(name)))
    return [];
  return [
    {
      rule: 'source_fields',
      pointer: source.pointer,
      message: 'these fields are not one place where a source is',
      expected: SOURCE_FIELDS.map((known) => known.join(' with ')).join(', or '),
      found: names.length === 0 ? 'no field' : names.join(', '),
    },
  ];
}

function formatRule(parts: SoundParts, asset: Part): Finding[] {
  const format = parts.object(asset, 'format');
  if (format === undefined || !parts.isSound(asset, 'format')) return [];
  const wrong = Object.entries(format.fields).flatMap(([name, value]): Finding[] => {
    const field = Object.hasOwn(FORMAT_FIELDS, name) ? FORMAT_FIELDS[name as FormatField] : undefined;
    if (field === undefined || !parts.isSound(format, name) || field.is(value)) return [];
    const message = `this ${name} cannot be used`;
    const at = { rule: 'wrong_form' as const, pointer: pointerTo(format.pointer, name) };
    return [{ ...at, message, expected: field.expected, found: showValue(value) }];
  });
  const fault = wrong.length > 0 ? null : formatFault(format.fields as DeclaredFormat);
  if (fault === null) return wrong;
  const found = showValue(JSON.stringify(format.fields));
  return [
    {
      rule: 'wrong_form',
      pointer: format.pointer,
      message: fault,
      expected: 'fields that go together',
      found,
    },
  ];
}
