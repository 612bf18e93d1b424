/** One thing that is not as it was sealed. */
export interface EvidenceFinding {
  readonly kind: /** The entry's content does not give its hash. */
    | 'entry_altered'
    /** The entry does not follow the one before it. */
    | 'link_broken'
    /** Entries are missing before this one. */
    | 'entries_missing'
    /** A run ended, or was proven, and the chain holds no entry of it. */
    | 'not_sealed'
    /** An entry of a run that the catalog does not have. */
    | 'run_unknown'
    /** The catalog's account of a run is not the one that was sealed. */
    | 'run_record_altered'
    /** The head that was noted elsewhere is not in the chain. */
    | 'head_unknown'
    /** An entry has no file in the ledger beside the catalog, though later ones have. */
    | 'ledger_missing'
    /** The ledger's file of an entry is not what the catalog has as sealed, or lies beside rows that it did not seal. */
    | 'ledger_altered'
    /** The ledger has entries that the catalog has no more. */
    | 'ledger_ahead'
    | 'file_missing'
    | 'file_altered'
    | 'file_unreadable'
    /** A file or folder that no entry lists. */
    | 'file_not_sealed';
  /** `<chain>@<seq>`, a run, or a file below the home. */
  readonly subject: string;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly next: string;
}
