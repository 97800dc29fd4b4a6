import type { AuditRecord } from '../../servers/contract/audit/record.ts';
import { readAudit } from '../../servers/contract/audit/verify.ts';

/** The maximum number of newest records. An editor is no place for a hundred thousand lines. */
const mostShown = 5000;

/** All logs of a state folder in readable form: one line per record, and below each write why it was allowed or not. */
export function auditText(stateFolder: string): string {
  const records = readAudit(stateFolder);
  const shown = records.slice(-mostShown);
  const left = records.length - shown.length;
  const lines = left > 0 ? [`… ${left} earlier records: switchboard audit show`] : [];
  return [...lines, ...shown.map(lineOf)].join('\n');
}

function lineOf(record: AuditRecord): string {
  const {
    time,
    writer,
    phase,
    tool = '',
    actor,
    outcome,
    errorCode,
    objectId,
    rows,
    durationMs,
    policy,
    preview,
  } = record;
  const facts = [
    // Otherwise it would read as if it had been done.
    ...(preview === true ? ['preview, nothing sent'] : []),
    ...(outcome === undefined ? [] : [errorCode === undefined ? outcome : `${outcome} (${errorCode})`]),
    ...(objectId === undefined ? [] : [objectId]),
    ...(rows === undefined ? [] : [`${rows} ${rows === 1 ? 'row' : 'rows'}`]),
    ...(durationMs === undefined ? [] : [`${durationMs} ms`]),
    ...(actor === undefined || phase !== 'intent' ? [] : [`for ${actor}`]),
  ];
  const where = `${time}  ${writer.padEnd(8)}  ${phase.padEnd(7)}  ${tool.padEnd(22)}`;
  const reasons = (policy?.reasons ?? []).map(
    (reason) => `\n${' '.repeat(26)}${policy?.decision} by ${policy?.by}: ${reason}`,
  );
  return `${where}  ${facts.join(', ')}${record.risk === 'read' ? '' : reasons.join('')}`.trimEnd();
}
