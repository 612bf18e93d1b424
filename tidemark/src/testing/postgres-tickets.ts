import type pg from 'pg';

/** A table of tickets as a help desk would have it, whose rows the contract of tickets takes as they are. */
export const TICKETS_TABLE = `CREATE TABLE tickets (
  ticket_id text PRIMARY KEY, schema_version text, source_id text, ingest_batch_id text, customer_id text, status text,
  priority text, product_line text, created_at timestamptz, subject text, tags text[], pii_level text,
  quality_gate text, owner text, updated_at timestamptz)`;

export async function insertTickets(
  client: pg.Client,
  tickets: readonly Record<string, unknown>[],
): Promise<void> {
  await client.query('INSERT INTO tickets SELECT * FROM json_populate_recordset(NULL::tickets, $1)', [
    JSON.stringify(tickets),
  ]);
}
