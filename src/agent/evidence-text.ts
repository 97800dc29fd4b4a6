import type { Evidence } from './evidence.ts';
import { wrapUntrusted } from './untrusted.ts';

/** Results of these are the host's own words. */
const hostServer = 'host';

export function describeForModel(evidence: Evidence, text: string, delimiter: () => string): string {
  const facts = [evidence.tool];
  if (evidence.columns.length > 0) facts.push(`${evidence.rowCount} ${evidence.rowCount === 1 ? 'row' : 'rows'}`);
  if (evidence.truncated) facts.push('there are more');
  const head = `${evidence.id} (${facts.join(', ')})`;
  return `${head}\n${evidence.server === hostServer ? text : wrapUntrusted(text, delimiter())}`;
}
