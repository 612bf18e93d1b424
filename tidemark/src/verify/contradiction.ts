import type { CatalogTransaction } from '../catalog/catalog.ts';
import type { Symptom } from '../incident/symptom.ts';

/** Something that the catalog says otherwise than the sealed evidence, and how the catalog is put right. */
export interface Contradiction extends Pick<Symptom, 'sourceId' | 'table' | 'message' | 'facts' | 'query'> {
  readonly distinction: string;
  /** Null: evidence alone does not say what the catalog's row was. */
  readonly mend: ((tx: CatalogTransaction) => Promise<void>) | null;
  /** What mends it where putting the catalog right does not. */
  readonly suggestion: string | null;
}
