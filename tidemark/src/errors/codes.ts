/**
 * Every code, with its documentation for users: docs/ERRORS.md is generated from these comments
 * (`npm run docs:errors`). First digit: 1 declaration, 2 source and landing, 3 refine, 4 Bronze, 5 catalog and commit,
 * 6 evidence, 7 runs, 8 command line, 9 the engine itself. A code is never given a second meaning.
 */
export const ERROR_CODES = {
  /**
   * A manifest file cannot be used: unreadable, not JSON, or it breaks the form or a rule of `source_manifest_v1`.
   * Every problem is listed with file, pointer, line and column. Mend the file, then run `tidemark check`.
   */
  manifest_refused: 'TM1001',
  /**
   * A manifest folder cannot be listed: it does not exist, is not a folder, or this user may not read it. Nothing was
   * read. Name an existing folder with `--manifest-dir`, or make a project with `tidemark init`.
   */
  manifest_dir_unreadable: 'TM1002',
  /**
   * There is no manifest to work on: the folders named hold no `*.json` (hidden files and files whose name begins with
   * `source_manifest` do not count), and no file was named. Name one with `--manifest-dir` or `--manifest-path`.
   */
  no_manifests: 'TM1003',
  /**
   * The contract that a manifest names cannot be loaded: no file of the contracts folder has that `$id`, or the file is
   * not a usable JSON Schema. `tidemark contract test` says why. Mend the contract or the `contract_ref`.
   */
  contract_unavailable: 'TM1201',
  /**
   * A source path leads out of the project: `..`, an absolute path elsewhere, or a link whose target is outside the
   * root. Sources are confined to the project root (the folder of `tidemark.yaml`, else the working folder). Copy or
   * mount the data below the root, or run with `--project` naming a folder that holds it.
   */
  source_outside_root: 'TM2001',
  /**
   * A declared source does not exist or cannot be read. The batch is not committed around it: prepared work is kept.
   * Put the file in place (or mend the path or its permissions) and run the same command again.
   */
  source_unreadable: 'TM2002',
  /**
   * A file changed while it was being read (size, modification time or identity differ afterwards), so no fingerprint
   * of it would be true. Wait until its writer has finished and run again; deliver files under a new name or rename
   * them into place when complete.
   */
  source_changed: 'TM2003',
  /**
   * The source's location is a URL and this release has no connector for its scheme. The asset is perceived and judged
   * but cannot be read. Download it below the project root and declare that path.
   */
  connector_missing: 'TM2004',
  /**
   * The store is full, or a quota or file-size limit was reached, while bytes were written. Nothing was committed and
   * nothing half-written is visible. Free space (the message names the folder) and run the same command again.
   */
  store_full: 'TM2101',
  /**
   * The store refused a read or a write: permissions, a read-only mount, an I/O error. Nothing was committed. Mend what
   * the message names and run the same command again.
   */
  store_unwritable: 'TM2102',
  /**
   * The sum of an object in `raw/` or `quarantine/` is not the one in its name. The bytes were altered after they were
   * verified. Restore the object from a backup, or deliver the source again after removing the damaged file.
   */
  object_corrupt: 'TM2103',
  /**
   * The manifest selects records by a window that its contract cannot be cut by: the cursor field is no property of the
   * contract, or its values have no order, or a bound is not a value of its type (a date-time for a date-time field).
   * Nothing was read. Mend `selection_window` in the manifest, then run `tidemark check`.
   */
  window_refused: 'TM3001',
  /**
   * Looking into one file (for its pages, tracks or duration) took longer or more memory than the bound, or the library broke
   * down on it. What a machine has time and memory for says nothing of the file, so nothing is concluded and the batch
   * waits. Run the same command again when the machine is less busy. If it recurs with the same file, the file is
   * damaged, or made, in a way that the library cannot cope with: take the asset out of the manifest.
   */
  observation_not_ended: 'TM3201',
  /**
   * A landed object is not there, or has not the size that its receipt says, when its content is looked at. Restore it
   * from a backup, or remove it and run the same command again: it is landed anew from the source.
   */
  observed_object_changed: 'TM3202',
  /**
   * The disk of the home folder has less room than the sources of the run will take, the largest of them decoded, so none of
   * them was landed; or less than the newest versions take that are about to be written anew, so nothing was committed. The
   * message says how much is missing. Free it, or name a home on a larger disk, and run the same command again. How much
   * is to stay free is `limits.freeBytesMin` in `tidemark.yaml`.
   */
  space_missing: 'TM3301',
  /**
   * A contract changed in a way that its Bronze table cannot take (a column removed, or given another type). Additions
   * are taken by themselves. Restore the contract, or publish the change as a new contract version.
   */
  schema_change_refused: 'TM4001',
  /**
   * Partitioning is declared for a table in a form that is not understood, or on a column it does not have.
   * Mend `tables.<name>.partition_by` in `tidemark.yaml`.
   */
  partitioning_refused: 'TM4002',
  /**
   * A table declared with one partitioning exists with another. Changing it is a planned rewrite, not a setting.
   * Restore the declared partitioning in `tidemark.yaml`.
   */
  partitioning_changed: 'TM4003',
  /**
   * Writing data files needed more memory than this machine can give: a few records hold very many values, such as lists
   * of millions. Nothing was committed. Lower `limits.partBytesMax` in `tidemark.yaml`, so that fewer records are written
   * at a time, or run on a machine with more memory.
   */
  memory_exhausted: 'TM4101',
  /**
   * A table's metadata file is missing parts, contradicts itself or is not Iceberg format version 2. The message lists
   * every field. Point the catalog at an earlier file of the table's metadata-log, or restore the file from a copy.
   */
  table_metadata_refused: 'TM4201',
  /**
   * A contract's properties cannot be the columns of a table: two names differ only in case or in dots, an object has no
   * properties, or a name is empty or reserved. Rename the properties in the contract, then run `tidemark check`.
   */
  table_columns_refused: 'TM4202',
  /**
   * Another engine wrote something into the table that cannot be read here (a column type, a compression). The message
   * names it. Rewrite that part with the engine it came from.
   */
  iceberg_unsupported: 'TM4203',
  /**
   * A manifest or manifest list of a table is cut, damaged or lacks what Iceberg format version 2 requires. Restore the
   * named file from a copy, or roll the table back to a snapshot that can be read.
   */
  manifest_unreadable: 'TM4204',
  /**
   * Data files that were to be replaced are no longer in the table's head: another writer replaced or removed them.
   * Nothing was committed. Plan again from the current snapshot.
   */
  data_file_not_live: 'TM4205',
  /**
   * The table has no snapshot of this id, or no longer has it because snapshots were expired. Ask for one that it has;
   * a tag keeps a snapshot from being expired.
   */
  snapshot_unknown: 'TM4206',
  /**
   * A snapshot was asked for that contradicts itself or the table, such as an append that removes files. This is a fault
   * of the engine; nothing was committed. Keep the evidence folder and report it.
   */
  snapshot_contradiction: 'TM4207',
  /**
   * The statistics that came back with a data file are not those of a file of this table. The file is not used. Run the
   * batch again; if it happens again, report it.
   */
  data_file_stats_unusable: 'TM4208',
  /**
   * A thread that refined a large asset ended before its work did, out of memory for one. Nothing was committed, and what
   * was received is kept. Run the same command again; where it ends the same way, set `limits.refineWorkersMax` to 1 in
   * `tidemark.yaml`: then no thread is started.
   */
  refine_thread_lost: 'TM4401',
  /**
   * The bytes of a source are not in the form that its name or its settings say: a file named `.gz` that is no gzip
   * stream, a compressed file under the name of a plain one. The asset is refused, and its bytes are kept. Name the file
   * for what it is, or declare its form under `manifest_settings` in `tidemark.yaml`, then run again.
   */
  format_contradicted: 'TM4601',
  /**
   * A compressed source ends too early, or its own checksum says that it was altered. Nothing of it was taken in: what
   * comes before the damage is not proven either. The message names the byte. Deliver the file whole, then run again.
   */
  stream_damaged: 'TM4602',
  /**
   * A compressed source comes to more bytes than `limits.decodedBytesMax` allows, or to more for each compressed byte than
   * `limits.decodedRatioMax`: it may be made to exhaust whoever opens it. Nothing of it was taken in. Raise the limit in
   * `tidemark.yaml` if the file is what it should be, then run again.
   */
  decoded_beyond_limit: 'TM4603',
  /**
   * The first row of a delimited source names no property of its contract, or cannot name columns: a name is empty,
   * repeated or too long, the row is none. Often the delimiter is another one, or the file has no such row. Nothing of it
   * was taken in. Declare `delimiter`, `header: false` or `columns` under `manifest_settings.<manifest>.formats.<source>`
   * in `tidemark.yaml`, then run again.
   */
  header_refused: 'TM4604',
  /**
   * A zip archive holds what is not to be read: a name that leads out of it, more members than `limits.archiveMembersMax`,
   * or, as a member that is meant, one that is encrypted, there twice, a link, or compressed otherwise than deflated.
   * Nothing of it was taken in. Deliver it without that, then run again.
   */
  archive_refused: 'TM4605',
  /**
   * Which members of a zip archive are the source is not clear: it holds several files, none that is meant, or several
   * that are no lines of JSON in UTF-8, which alone can be read one behind the other. The message names them. Declare
   * `member` of the source, a name or a pattern, or a source for each member of what is no lines, then run again.
   */
  archive_member_unclear: 'TM4606',
  /**
   * A column of a Parquet file would not come in as it is: it holds bytes, nanoseconds that would be cut, decimals of more
   * than 38 digits, values of a type that is not read, or it has no name, or that of another but for the case of its letters.
   * Nothing of the file was taken in. Have it written otherwise, or declare `binary: base64` or `nanoseconds: truncate` in
   * the source's `format`, then run again.
   */
  column_unreadable: 'TM4607',
  /**
   * The manifest declares a size or a SHA-256 for a source of many parts (a folder, a pattern) or of rows (a table). Neither has one:
   * each file, and each reading of a table, is known by its own sum. Take `size_bytes` and `checksum_sha256` out of the
   * asset in the manifest.
   */
  declared_sum_of_many: 'TM4301',
  /**
   * A folder, a prefix or a pattern that is declared as one source holds, or means, more files than `limits.folderFilesMax`, or
   * is found among more objects than `limits.objectsListedMax`. Nothing of it was read. Move files that came in already to another folder (what they brought stays), declare a narrower
   * pattern, or raise the limit in `tidemark.yaml`.
   */
  folder_files_exceeded: 'TM4302',
  /**
   * A folder that is declared as a source exists and holds no file of its format, and never did, or a pattern means no
   * file, and never did. The batch waits: a wrong path must not look like a source without news. Put the first file in
   * place, or mend the path.
   */
  folder_empty: 'TM4303',
  /**
   * A source that begins with `sqlite:` does not say which table of which file. Nothing was read. It is written
   * `sqlite:<path below the project root>?table=<name>`, and `&json=<column>,<column>` for columns that hold JSON as text.
   */
  table_location_refused: 'TM4304',
  /**
   * The source's cursor was reached reading another place than the manifest names now. Going on from there would skip what
   * the new place holds before it. Nothing of the source was read. If it is the same data, bind the cursor to the new place:
   * `tidemark state set … --location <place>`; if it is not, give the source another `source_id`.
   */
  source_moved: 'TM4305',
  /**
   * A source that begins with `glob:` is no pattern of files below the project root: it has no `*` or `?`, or leads upwards
   * behind one. Nothing was read. It is written `glob:exports/tickets-*.jsonl`; each of `*` and `?` stands for
   * characters of one part of the path.
   */
  glob_location_refused: 'TM4306',
  /**
   * A declared URL is none, or holds a credential: a user, a password, or a parameter that is one by its name (`token`,
   * `sig`, `X-Amz-Signature`). Manifests are kept as evidence, so no secret may stand in them. Nothing was asked for.
   * Declare the bare URL and give the credential by reference under `http.credentials` in `tidemark.yaml`.
   */
  url_refused: 'TM4701',
  /**
   * A URL, or a redirect, leads to an address of a private network, of this machine, or of a cloud's metadata. Whoever
   * writes a manifest could have them read what only this machine can reach, so nothing was sent. If it is meant, name the
   * host or the network under `http.allow_private` in `tidemark.yaml`.
   */
  private_address: 'TM4702',
  /**
   * A server could not be reached, or fell silent, as often as it was tried. The batch waits, what else was landed is kept.
   * See that the server runs and that the name and the certificate are right, then run the same command again.
   */
  http_unanswered: 'TM4703',
  /**
   * A server answered otherwise than with the bytes. 401 and 403 want credentials (`http.credentials` in `tidemark.yaml`),
   * 404 another URL; 408, 429 and 5xx were tried again, as long as the limits allow, after the wait that the server asked for.
   */
  http_refused: 'TM4704',
  /**
   * Redirects lead in a circle, through more hops than `limits.httpRedirectsMax`, from https to http, to another protocol, or
   * to a URL with a user in it. Declare the URL that the bytes are at.
   */
  redirect_refused: 'TM4705',
  /**
   * A body broke off again and again, or the server does not state where it ends, so that a whole one cannot be told from a
   * cut one. Nothing of it was taken. In the second case declare `size_bytes` in the manifest.
   */
  http_body: 'TM4706',
  /**
   * A URL or an object of S3 holds more bytes than `limits.httpBytesMax`, or receiving it, or listing what is there, took
   * longer than `limits.httpTotalMs`. Nothing of it was taken. Raise the limit in `tidemark.yaml` if it is meant to be read.
   */
  http_limit: 'TM4707',
  /**
   * A credential for an origin cannot be put in: the variable is not set, the file is not there, or the value does not fit
   * into a header. Nothing was asked for. Set what the message names, then run the same command again.
   */
  http_credential: 'TM4708',
  /**
   * A source that begins with `singer:` does not say which stream of which tap. Nothing was run. It is written
   * `singer:<name>?stream=<stream>`; the tap's command stands under `singer.<name>` in `tidemark.yaml`.
   */
  tap_location_refused: 'TM4711',
  /**
   * A manifest names a tap that `tidemark.yaml` does not have. Commands are run, so they come from there alone. Declare it
   * under `singer`, or mend the manifest.
   */
  tap_unknown: 'TM4712',
  /**
   * A tap could not be run, ended with another code than 0, has no such stream, or its settings refer to what is not set.
   * The message ends with the last lines that it wrote. Nothing of what it sent was kept, and its state is where it was. Mend
   * what it says, then run the same command again.
   */
  tap_failed: 'TM4713',
  /**
   * A tap wrote nothing for `limits.tapIdleMs`, or was not done within `limits.tapTotalMs`. It and all that it had started
   * were ended. Nothing of what it sent was kept.
   */
  tap_timed_out: 'TM4714',
  /**
   * A tap wrote something that is no message of the Singer specification: no JSON, a record before its schema or of a
   * stream that was not selected, a message that is too long, a batch file outside the project. Nothing was kept.
   */
  tap_output_refused: 'TM4715',
  /**
   * A manifest names an API that `tidemark.yaml` does not have. Declare it under `apis`, or mend the manifest.
   */
  api_unknown: 'TM4721',
  /**
   * An API answered with what its settings do not fit: no JSON, no list where `records` says, a next page at another origin
   * or one that was there before, more pages than `limits.apiPagesMax`, a page of more than `limits.apiPageBytesMax`.
   * Nothing of it was kept. Mend `apis` in `tidemark.yaml`.
   */
  api_answer_refused: 'TM4722',
  /**
   * A source that begins with `postgres:` or `mysql:` does not say which table of which connection. Nothing was asked for. It
   * is written `postgres:<connection>?table=<schema>.<table>` or `postgres:<connection>?query=<name>`, `mysql:` likewise; the
   * database and its queries stand under `connections` in `tidemark.yaml`.
   */
  relation_location_refused: 'TM4731',
  /**
   * A manifest names a connection, or a query of one, that `tidemark.yaml` does not have or has of another kind, or what the
   * connection's `url` refers to is not set. Declare it under `connections`, set what the message names, or mend the manifest.
   */
  connection_unknown: 'TM4732',
  /**
   * A database could not be reached, or ended the connection, as often as it was tried. Nothing of what it sent was kept.
   * See that it runs and can be reached, then run the same command again.
   */
  database_unanswered: 'TM4733',
  /**
   * A database turned the connection away: role, password, database or TLS are not what it wants. Mend `url` of the
   * connection in `tidemark.yaml`, or what its references stand for.
   */
  database_refused: 'TM4734',
  /**
   * A database answered, and the rows are not to be had now: another transaction has locked the table for longer than
   * `limits.databaseLockMs`, altered it meanwhile or stood in a deadlock with this one, somebody cancelled the statement,
   * reading took longer than `limits.databaseTotalMs`, a standby needed what was being read. Nothing of what it sent was
   * kept; what may pass was tried as often as `limits.sourceAttemptsMax` says.
   */
  database_busy: 'TM4735',
  /**
   * The table, the query or a column is not there, may not be read by this role, or does not fit the contract: the order of
   * a cursor has to be one that its column has. Nothing was kept. Mend what the message names.
   */
  relation_unreadable: 'TM4736',
  /**
   * `cursor_clock: database` promises that nothing is lost, for which the oldest open transaction has to be known, and it is
   * not: the role may not see the transactions of others, the server is a standby or a replica, or a transaction is prepared.
   * Nothing was read, the cursor is where it was. Do what the message says, or declare `cursor_clock: application`: then what is written
   * late is found by counts.
   */
  bound_unknown: 'TM4737',
  /**
   * Row-level security of PostgreSQL applies to what is read, so rows may be hidden from this role, and nobody would see that
   * they are missing. Nothing was read. Read as a role that it does not apply to (`BYPASSRLS`), or, where what the policies
   * show is all that is meant, declare `row_security: accept` of the connection: then the run says that they apply.
   */
  rows_hidden: 'TM4738',
  /**
   * A source in S3 is not written as one. Nothing was asked for. It is written `s3://bucket/key` for one object,
   * `s3://bucket/prefix/` for all that begin so, or with `*` and `?` for those that are meant; a part of a key that is `.`
   * or `..`, and control characters, are not asked for.
   */
  object_location_refused: 'TM4741',
  /**
   * A manifest names a place in S3 that no connection of `tidemark.yaml` covers, or what the connection refers to is not set.
   * Nothing was asked for. Declare `connections.<name>` with `url: s3://bucket/prefix`, set what the message names, or mend the
   * manifest.
   */
  bucket_unknown: 'TM4742',
  /**
   * S3 refuses who asks, or what is asked for: no such bucket, keys, permissions, region or endpoint, a clock that is minutes
   * off, an object that is archived. Nothing was taken. Do what the message says; `tidemark doctor` tries the connection.
   */
  bucket_refused: 'TM4743',
  /**
   * S3 did not answer, fell silent, or broke off, as often as it was tried. Nothing of the object was taken, what else was
   * landed is kept. Run the same command again.
   */
  bucket_unanswered: 'TM4744',
  /**
   * A source that begins with `module:` names no module, or gives a parameter twice. Nothing was run. It is written
   * `module:<name>?<parameters>`; the module's path stands under `sources.<name>` in `tidemark.yaml`.
   */
  module_location_refused: 'TM4751',
  /**
   * A manifest names a source of the project's own that `tidemark.yaml` does not declare under `sources`, whose file cannot be
   * loaded, or whose default export has no method `open`. Nothing was taken.
   */
  module_unusable: 'TM4752',
  /**
   * A source of the project's own failed; the message is what it threw. Nothing of what it sent was kept, what else was landed
   * is. Mend the module, or what it reads from, and run the same command again.
   */
  module_failed: 'TM4753',
  /**
   * The catalog file cannot be opened: not a catalog, damaged, or not readable by this user. Check the path and its
   * permissions; restore it from a backup if it is damaged.
   */
  catalog_unreadable: 'TM5001',
  /**
   * The catalog was written by a newer release. Nothing was touched. Use that release, or a newer one.
   */
  catalog_too_new: 'TM5002',
  /**
   * The database that holds the catalog does not answer, or ended a connection, and did not come back while it was tried
   * again. Nothing was lost: what was landed and prepared is used by the next run. See that it runs and can be reached,
   * then run the same command again.
   */
  catalog_unreachable: 'TM5003',
  /**
   * The catalog went away while a batch was committed, and could not be asked since whether the commit took effect.
   * Nothing was removed. Once it answers again, `tidemark status` says whether the batch is committed, and the same run
   * goes on from there.
   */
  commit_outcome_unknown: 'TM5004',
  /**
   * The database that holds the catalog ended a statement or a transaction: another one stood in its way (40001, 40P01), or
   * a time-out or an administrator cancelled it (57014). What changes nothing, and a commit that came to nothing, were tried
   * again. Nothing was lost: run the same command again.
   */
  catalog_interrupted: 'TM5005',
  /**
   * The database that holds the catalog takes no writing: it is a replica, or a failover is under way. Nothing was lost. See
   * that the catalog's URL leads to the primary, then run the same command again.
   */
  catalog_read_only: 'TM5006',
  /**
   * Another writer moved a table while this batch was being committed, more often than the bounded number of attempts
   * allows. Nothing of this batch is visible; its prepared data files are kept. Run the same command again.
   */
  commit_conflict: 'TM5101',
  /**
   * This run's lease was taken over by another run (it was believed dead), so its commit was refused. The other run closed
   * it as interrupted and holds the batch now; what this one came upon since is recorded nowhere. Look at the other with
   * `tidemark status`.
   */
  lease_lost: 'TM5102',
  /**
   * The account of the batch does not close: records or assets read are not the sum of their outcomes. Nothing was
   * committed. This is a fault of the engine: keep the evidence folder and report it.
   */
  account_open: 'TM5201',
  /**
   * The committed snapshot, read back, is not what was prepared: counts, per-file record counts or digests differ. The
   * difference is in the evidence. Run `tidemark reconcile` and do not build on the batch until it passes.
   */
  reconciliation_failed: 'TM6001',
  /**
   * The evidence chain or a file of an evidence folder is not what was sealed. The message names the entry or file.
   */
  evidence_altered: 'TM6002',
  /**
   * A file that a table consists of is not there or cannot be read: a data file that its snapshot names, or its metadata.
   * Nothing was changed. The message names the file: restore it from a backup. `tidemark reconcile` says which batches
   * are affected.
   */
  table_file_unreadable: 'TM6003',
  /**
   * The run committed nothing, so there is nothing of it in the tables to reconcile. `tidemark show <run>` says why, and
   * names the run that committed the same content.
   */
  nothing_to_reconcile: 'TM6004',
  /**
   * Another run holds this manifest's lease and is alive. Wait for it to end (its process is named), then run again.
   */
  run_in_progress: 'TM7001',
  /**
   * The run was interrupted (Ctrl-C or a termination signal). Landed and prepared work is kept. Run the same command
   * again: it goes on where this one stopped.
   */
  run_interrupted: 'TM7002',
  /**
   * The load mode needs something that this release does not do with files: `cdc` reads change streams, `replay` and
   * `backfill` are recovery verbs that are planned first. Declare `full_snapshot` or `incremental_cursor`; a log of changes
   * that lies in files or a table is read with the latter, and deletes where its contract says so.
   */
  load_mode_unsupported: 'TM7003',
  /**
   * One or more assets of the batch could not be read or prepared, so the batch was not committed. Each is listed with
   * its reason; what was prepared is kept. Mend the cause and run the same command again.
   */
  batch_blocked: 'TM7004',
  /**
   * More records of the batch were rejected than its `reject_threshold` admits, so nothing of it was committed: half of a
   * delivery must not pass for all of it. What was prepared is kept. `tidemark rejects --run <run>` tells why each was
   * rejected; mend the source or the contract, or raise the threshold, and run again.
   */
  batch_withheld: 'TM7005',
  /**
   * The batch id is that of a batch which a backfill made: it holds an interval, and a run of the whole manifest under its
   * name would read beyond it and move the cursor. Nothing was read. Leave the id out to run the manifest; `tidemark
   * recover` names what mends the backfill's batch.
   */
  batch_of_backfill: 'TM7006',
  /**
   * The recovery plan was executed already, and a plan is executed once. `tidemark show <run>` tells what came of it;
   * plan again if anything is left to mend.
   */
  plan_executed: 'TM7101',
  /**
   * What the recovery plan assumed is no longer so: the message lists what moved (a manifest, a contract, a table, the
   * batch). Nothing was changed. Plan again, read the new plan, execute that one.
   */
  plan_outdated: 'TM7102',
  /**
   * The recovery plan is too old to be executed blindly. Nothing was changed. Plan again.
   */
  plan_expired: 'TM7103',
  /**
   * The stored plan is not what was sealed: its content does not have the hash that is its id. Nothing was changed. Plan
   * again, and find out who edits the catalog.
   */
  plan_altered: 'TM7104',
  /**
   * The replacement holds far fewer records than what it would take out of the tables, so it was not made: a source that
   * shrank must not empty a table. Nothing was changed. When the smaller content is right, plan again with
   * `--accept-loss`.
   */
  replacement_too_small: 'TM7105',
  /**
   * The recovery verb has nothing to work on there: no unfinished run to retry, no committed batch to replay. The message
   * says what was found; `tidemark recover` names the verb that fits.
   */
  nothing_to_recover: 'TM7106',
  /**
   * A value that a cursor or watermark is to be set to cannot be one: it has another form than the value there is (a time
   * where that is a number), or it is the value there is. Nothing was changed. `tidemark state show` prints what there is.
   */
  state_value_refused: 'TM7107',
  /**
   * The table was not set back to before a snapshot of another engine: a run has committed to the table since, and its
   * rows would go out too. Nothing was changed. `tidemark show <snapshot>` tells of that run.
   */
  set_back_refused: 'TM7120',
  /**
   * The home was moved or copied: its tables name their files where it was. Nothing is read or written, since those files
   * are gone, or are another home's. The next line is the command that makes the tables name their own files.
   */
  home_moved: 'TM6101',
  /**
   * The home holds tables or sealed evidence, and no catalog. A run would begin anew beside them, so nothing is opened.
   * `tidemark catalog rebuild` says what can be made of them, and makes it; `tidemark catalog restore` takes a backup.
   */
  catalog_lost: 'TM6102',
  /**
   * There is no ledger to rebuild a catalog from: nothing was ever sealed in this home, or it is another folder than was
   * meant. Restore a backup, or name the right project and home.
   */
  ledger_missing: 'TM6103',
  /**
   * The catalog is not replaced while a run is in progress or another process writes to it. Nothing was changed; execute
   * again when runs have ended.
   */
  catalog_in_use: 'TM6104',
  /**
   * The backup is not an earlier state of this home: their sealed evidence differs at the same place. It is of another
   * home, or this home has since been restored from elsewhere. Nothing was changed.
   */
  backup_of_another_history: 'TM6105',
  /**
   * The rows of this catalog were made by other versions of canonical form, fingerprint or refining than this release
   * has. Verbs that only read work. To write, use the release that made them: beside fingerprints of another kind the
   * same record would be taken for a new one.
   */
  specs_differ: 'TM6106',
  /**
   * A backup cannot be made or used: the file that is to be written exists, or what is to be restored is no catalog, is
   * damaged, leads to metadata that is not there, or is of a newer release. Nothing was changed.
   */
  backup_refused: 'TM6107',
  /**
   * Another engine wrote to a table last, and the project does not say that runs commit on top of that: the run failed
   * before its commit, what it prepared is kept. The message names snapshot and engine, the next line the command that
   * shows it. Take it out with `tidemark catalog set-back`, or set `foreign_snapshots` in `tidemark.yaml` to `warn` (commit
   * on top, with an incident) or `adopt` (what was written is the table's), then run again.
   */
  foreign_head: 'TM6108',
  /**
   * A home is not relocated: its tables name another folder than `--from`, or data files of them were not moved with it.
   * Nothing was changed.
   */
  relocation_refused: 'TM6109',
  /**
   * The catalog is a PostgreSQL database, and what was asked for is not done to one. A catalog that is rebuilt or restored
   * is put into an empty database only: name another database, or another schema as the first of its search path, as
   * `catalog` in `tidemark.yaml`. `tidemark catalog relocate` is for a home that names itself in a file.
   */
  catalog_in_database: 'TM6110',
  /**
   * Several incidents have a key that begins like this. The message names them: give more characters of the one that is
   * meant. `tidemark incidents list` prints keys whole.
   */
  incident_ambiguous: 'TM7201',
  /**
   * The incident is not open: it is resolved, or a plan was executed for it and it waits for the verification that shows
   * it mended. Nothing was changed. Run `tidemark verify`; what is found again is open again.
   */
  incident_not_open: 'TM7202',
  /**
   * Another process maintains the tables (`tidemark maintain`, or a run that reached a limit). One does at a time; runs
   * do not wait for it. Wait until it has ended, then plan again.
   */
  maintenance_in_progress: 'TM7401',
  /**
   * Rows came out differently when data files were compacted, so nothing was committed: the table is as it was. Verify
   * the table, and report this with the message.
   */
  compaction_differs: 'TM7402',
  /**
   * A command was used with options or arguments that do not fit it. The message says which; see `tidemark --help`.
   */
  usage: 'TM8001',
  /**
   * Nothing in the catalog answers to the given anchor, id, fingerprint or path. `tidemark status` lists what there is.
   */
  not_found: 'TM8002',
  /**
   * The project's `tidemark.yaml` cannot be used. The message names line and field.
   */
  config_refused: 'TM8003',
  /**
   * A report that was asked for (`--report-json`, `--smoke-report`) cannot be written: its folder cannot be made, or the
   * name is a folder's. Name another file, or mend the folder.
   */
  report_unwritable: 'TM8004',
  /**
   * `tidemark init` found files of yours where it would write its own. Nothing was written. Name an empty or a new
   * folder.
   */
  would_overwrite: 'TM8005',
  /**
   * Stdout took no more, such as a file on a full disk. The command itself did what it did: `tidemark status` tells.
   * Write to another place, then ask again.
   */
  output_unwritable: 'TM8006',
  /**
   * The home folder cannot hold tables: its path holds `#` or `?`, at which readers of Iceberg tables cut the names of
   * files, or it is not a folder. Name another one with `--home`, or with `home:` in `tidemark.yaml`.
   */
  home_refused: 'TM8010',
  /**
   * The folder that `--project` names does not exist, is not a folder, or may not be entered. Name a folder of the
   * project, or make one with `tidemark init`.
   */
  project_refused: 'TM7301',
  /**
   * A partition was named, and no manifest that is meant has committed records with a time, by which partitions are cut.
   * `tidemark partitions` shows what there is.
   */
  no_partitions: 'TM7302',
  /**
   * The object store did not answer, or not in time, after several attempts. Nothing half-written is visible and what was
   * landed and prepared is kept. Run the same command again once the store answers.
   */
  store_unreachable: 'TM4501',
  /**
   * The object store refuses who asks or what is asked for: credentials, permissions, region, endpoint or a bucket that is
   * not there. Mend what stands below `store:` in `tidemark.yaml`; `tidemark doctor` tries it.
   */
  store_refused: 'TM4502',
  /**
   * The object store takes no notice of conditional writes (`If-None-Match`), so one object could be put over another.
   * Nothing was written but the probe. Use a store that creates conditionally.
   */
  store_unconditional: 'TM4503',
  /**
   * A name that is given once, such as that of a data file, stands for other bytes in the store already. Nothing was put
   * over it and nothing was committed. Look at who else writes below the store's prefix.
   */
  store_name_taken: 'TM4504',
  /**
   * The tables of the catalog are in another store than the one that is configured. Nothing is read or written until
   * `store:` in `tidemark.yaml` (or `TIDEMARK_STORE`) names theirs again.
   */
  store_changed: 'TM4505',
  /**
   * The verb works on files of this machine alone and cannot work on an object store yet. The message names it; nothing
   * was done.
   */
  store_verb_refused: 'TM4506',
  /**
   * The same process has the same store open through another home. A store belongs to one home at a time, unless their
   * catalog is one database; then each home needs a process of its own.
   */
  store_open_elsewhere: 'TM4507',
  /**
   * The store belongs to another catalog, whose id stands in its `catalog.json`. What that one has committed is unknown to
   * this one, so nothing was written or removed. Name the catalog of the store in `tidemark.yaml`, or give this catalog a
   * prefix of its own. Where the store's catalog is lost for good, `tidemark catalog rebuild` makes it anew.
   */
  store_of_another_catalog: 'TM4508',
  /**
   * Something that must always hold did not: a fault of the engine, or storage that was changed underneath it. The
   * attempt was stopped before anything was committed. Keep the message and the evidence folder and report it.
   */
  invariant: 'TM9001',
} as const;

export type ErrorName = keyof typeof ERROR_CODES;
export type ErrorCode = (typeof ERROR_CODES)[ErrorName];
