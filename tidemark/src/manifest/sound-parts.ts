import { isJsonObject, type JsonObject, type JsonValue, pointerTo } from '../model/json.ts';

/** An object of the declaration with the pointer to it. */
export interface Part {
  readonly pointer: string;
  readonly fields: JsonObject;
}

/**
 * Looks at a declaration of which some parts may be broken. Whatever is absent, null, of the wrong type or reported
 * already is `undefined` here, so that a rule judges only what it can, and nothing is reported twice.
 */
export class SoundParts {
  readonly #unsound: ReadonlySet<string>;
  readonly root: Part;

  constructor({ value, unsound }: { value: JsonValue; unsound: ReadonlySet<string> }) {
    this.#unsound = unsound;
    this.root = { pointer: '', fields: isJsonObject(value) ? value : {} };
  }

  text(part: Part, name: string): string | undefined {
    const value = part.fields[name];
    return typeof value === 'string' && this.isSound(part, name) ? value : undefined;
  }

  object(part: Part, name: string): Part | undefined {
    const value = part.fields[name];
    return isJsonObject(value) ? { pointer: pointerTo(part.pointer, name), fields: value } : undefined;
  }

  assets(): Part[] {
    const { assets } = this.root.fields;
    if (!Array.isArray(assets)) return [];
    return assets.flatMap((fields: JsonValue, index) =>
      isJsonObject(fields) ? [{ pointer: `/assets/${index}`, fields }] : [],
    );
  }

  /** Nothing is wrong with what stands at this name, or nothing stands there. */
  isSound(part: Part, name: string): boolean {
    return !this.#unsound.has(pointerTo(part.pointer, name));
  }
}
