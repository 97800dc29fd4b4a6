import type { Evidence } from '../evidence/types.ts';
import { factsOfTool } from '../../../servers/contract/tool-facts.ts';

const addresses = /https?:\/\/[^\s<>"'`)\]}|\\]+/gi;

/** Fields that these servers fill themselves: nobody who writes a ticket or a message reaches them. */
const addressFields = ['issue_url', 'permalink', 'url'];

/**
 * Hosts that somebody trusted has named: a person in prompt, runbook or parameters, or Jira and Slack as the place of
 * what was written or looked up there. Nothing that others wrote can add one.
 */
export function namedHosts(said: readonly string[], evidence: readonly Evidence[]): ReadonlySet<string> {
  const named = said.flatMap((text) => text.match(addresses) ?? []);
  for (const item of evidence) named.push(...ownAddresses(item));
  return new Set(named.flatMap((address) => (URL.canParse(address) ? [new URL(address).hostname] : [])));
}

/** Where Jira or Slack put what was written there, or looked up by its key. */
export function ownAddresses(item: Evidence): readonly string[] {
  const facts = factsOfTool(item.tool);
  // A third party may name its tool as ours, but not itself.
  if (facts?.givesAddress !== true || facts.server !== item.server) return [];
  const { issue } = item.value;
  const inner = typeof issue === 'object' && issue !== null ? Object.entries(issue) : [];
  return [...Object.entries(item.value), ...inner].flatMap(([name, address]) =>
    addressFields.includes(name) && typeof address === 'string' ? [address] : [],
  );
}

/** Those of a preview's hosts, which may have a port, that are not among the named. */
export function strangeHosts(linkHosts: readonly string[], named: ReadonlySet<string>): readonly string[] {
  return linkHosts.filter((host) => !named.has(host.replace(/:\d+$/, '')));
}

/** Every host that a person, or anything that this run has read, gives an address of. */
export function seenHosts(said: readonly string[], evidence: readonly Evidence[]): ReadonlySet<string> {
  const texts = [...said, ...evidence.map(({ value }) => JSON.stringify(value))];
  const found = texts.flatMap((text) => text.match(addresses) ?? []);
  return new Set(found.flatMap((address) => (URL.canParse(address) ? [new URL(address).hostname] : [])));
}
