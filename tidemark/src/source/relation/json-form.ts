import type { ColumnForm } from './column-form.ts';

/** Rows as JSON lines, by one text for each column; NULL is a property left out. */
export function lineWriter(forms: readonly ColumnForm[]): (cells: readonly (string | null)[]) => string {
  const names = forms.map(({ name }) => `${JSON.stringify(name)}:`);
  return (cells) => {
    let json = '';
    for (let at = 0; at < forms.length; at += 1) {
      const text = cells[at];
      if (text == null) continue;
      json += `${json === '' ? '{' : ','}${names[at]}${forms[at]?.toJson(text)}`;
    }
    return json === '' ? '{}\n' : `${json}}\n`;
  };
}

/** By the order of their names' code units, which JSON that is canonical has. */
export function sortForms<Form extends ColumnForm>(forms: readonly Form[]): Form[] {
  return forms.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text itself, so that its numbers keep their digits; between its tokens only, a line break may stand. */
export function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, ' ');
}
