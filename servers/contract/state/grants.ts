import { escapeIdentifier, type Client } from 'pg';

/**
 * What the servers need after the tables were made by another role: they can add audit records and never change or
 * remove one, nor read what is in them.
 */
const forServers: readonly string[] = [
  'usage on schema switchboard',
  'select on switchboard.migration',
  'select, insert, update on switchboard.ledger',
  'select, insert, update on switchboard.quota',
  'select, insert, update on switchboard.upstream_pause',
  'select, insert, update (head_sequence, head_hash) on switchboard.audit_chain',
  'select (chain, sequence), insert on switchboard.audit_record',
  'select, insert on switchboard.audit_anchor',
  'execute on function switchboard.purge()',
];

/** What `switchboard worker` and `switchboard run --occasion` need, besides what the servers that they start need. */
const forWorkers: readonly string[] = [
  ...forServers,
  'select, insert, update on switchboard.occasion',
  'select, insert on switchboard.session_line',
  'select, insert, update on switchboard.approval',
  'execute on function switchboard.purge_approvals()',
];

/** What `switchboard audit --state` needs. */
const forAuditors: readonly string[] = [
  'usage on schema switchboard',
  'select on switchboard.audit_chain',
  'select on switchboard.audit_record',
  'select on switchboard.audit_anchor',
];

const rights = { servers: forServers, workers: forWorkers, auditors: forAuditors } as const;

export type StateRole = keyof typeof rights;

/** Takes from a role what it has in the schema, and grants it what it needs. */
export async function grantTo(client: Client, role: string, as: StateRole): Promise<void> {
  const name = escapeIdentifier(role);
  await client.query('begin');
  try {
    await client.query(`revoke all on all tables in schema switchboard from ${name}`);
    await client.query(`revoke all on all functions in schema switchboard from ${name}`);
    await client.query(`revoke all on schema switchboard from ${name}`);
    for (const right of rights[as]) await client.query(`grant ${right} to ${name}`);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
