import type { Decoding, RecordFormat } from './decoding.ts';

/** In one line, what was found rather than declared marked as such. */
export function describeDecoding({ compression, member, encoding, records }: Decoding): string {
  return [
    describeRecords(records),
    ...(encoding === 'utf-8' ? [] : [encoding]),
    ...(compression === null ? [] : [member === undefined ? compression : `${compression} (${member})`]),
  ].join(', ');
}

const NAMED: Readonly<Record<string, string>> = { '\t': 'tab', ' ': 'space' };

function describeRecords(records: RecordFormat): string {
  if (records.format === 'jsonl') return 'lines of JSON';
  if (records.format === 'parquet') {
    const { binary, zone, nanoseconds } = records;
    return [
      'rows of Parquet',
      ...(binary === null ? [] : [`bytes as ${binary}`]),
      ...(zone === null ? [] : [`times in ${zone.toUpperCase()}`]),
      ...(nanoseconds === null ? [] : ['nanoseconds cut']),
    ].join(', ');
  }
  if (records.format === 'json')
    return `elements of a JSON array${records.pointer === '' ? '' : ` at ${records.pointer}`}`;
  const { dialect, found } = records;
  const mark = (what: 'delimiter' | 'columns') => (found.includes(what) ? ' (found)' : '');
  const { delimiter, quote, header, columns } = dialect;
  return [
    'rows of text',
    `delimiter ${NAMED[delimiter] ?? delimiter}${mark('delimiter')}`,
    quote === null
      ? 'no quotes'
      : `quote ${quote}${dialect.escape === quote ? '' : `, escape ${dialect.escape}`}`,
    `${columns.length} columns${mark('columns')}${header ? '' : ', no header'}`,
    ...(dialect.null === '' ? [] : [`no value: ${dialect.null}`]),
  ].join(', ');
}
