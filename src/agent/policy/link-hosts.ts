import type { Evidence } from '../evidence/types.ts';
import { factsOfTool } from '../../../servers/contract/tool-facts.ts';

const addresses = /https?:\/\/[^\s<>"'`)\]}|\\]+/gi;

/** Fields that these servers fill themselves. Authors of tickets and messages cannot set them. */
const addressFields = ['issue_url', 'permalink', 'url'];

/**
 * Hosts named by someone trusted: a person in the prompt, runbook or parameters, or Jira and Slack as the address of
 * what was written or looked up there. Text from others cannot add one.
 */
export function namedHosts(said: readonly string[], evidence: readonly Evidence[]): ReadonlySet<string> {
  const named = said.flatMap((text) => text.match(addresses) ?? []);
  for (const item of evidence) named.push(...ownAddresses(item));
  return new Set(named.flatMap((address) => (URL.canParse(address) ? [new URL(address).hostname] : [])));
}

/** Addresses that Jira or Slack gave to what was written there or looked up by key. */
export function ownAddresses(item: Evidence): readonly string[] {
  const facts = factsOfTool(item.tool);
  // A third party can copy our tools' names, but not our server ids.
  if (facts?.givesAddress !== true || facts.server !== item.server) return [];
  const { issue } = item.value;
  const inner = typeof issue === 'object' && issue !== null ? Object.entries(issue) : [];
  return [...Object.entries(item.value), ...inner].flatMap(([name, address]) =>
    addressFields.includes(name) && typeof address === 'string' ? [address] : [],
  );
}

/** The hosts of a preview, which may have a port, that are not named. */
export function strangeHosts(linkHosts: readonly string[], named: ReadonlySet<string>): readonly string[] {
  return linkHosts.filter((host) => !named.has(host.replace(/:\d+$/, '')));
}

/** Every host in an address that a person gave or that this run has read. */
export function seenHosts(said: readonly string[], evidence: readonly Evidence[]): ReadonlySet<string> {
  const texts = [...said, ...evidence.map(({ value }) => JSON.stringify(value))];
  const found = texts.flatMap((text) => text.match(addresses) ?? []);
  return new Set(found.flatMap((address) => (URL.canParse(address) ? [new URL(address).hostname] : [])));
}
