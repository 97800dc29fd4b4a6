import type { ConditionState } from '../events.ts';
import { describeGrant, gapsOfArguments, isForTool, type OriginatedGrant, type Requirement } from './grants.ts';
import { findInvisible } from '../untrusted-text.ts';
import type { Arguments, ToolChange, ToolSpec } from '../tools.ts';
import type { Preview } from '../../../servers/contract/preview.ts';

/** A proposed call after expansion and, for our own writes, after its preview. */
export interface PolicyCall {
  readonly tool: ToolSpec;
  readonly arguments: Arguments;
  readonly preview: Preview | undefined;
  /** Unsupported numbers, ids and dates in the outgoing text, as written. */
  readonly unverified: readonly string[];
  /** Linked hosts that neither a person nor one of our systems has named. */
  readonly strangeHosts: readonly string[];
  /** A sentence for each of these that could be mistaken for another host, in this run or by its letters. */
  readonly lookAlikes?: readonly string[];
  /** Whether an argument contains a live secret. No server knows the secrets of the others. */
  readonly containsSecret: boolean;
}

export interface PolicyContext {
  readonly grants: readonly OriginatedGrant[];
  readonly conditions: readonly GatingCondition[];
  readonly history: PolicyHistory;
  /** The untrusted text this run has read, in words: `query_database (E1)`. Never shrinks. */
  readonly taint: readonly string[];
  /** Whether a person can be asked. */
  readonly attended: boolean;
}

export interface GatingCondition extends ConditionState {
  /** Plain names of the tools that require it. */
  readonly requires: readonly string[];
}

/** What this run has sent so far. Destinations and hosts cover the whole session. */
export interface PolicyHistory {
  /** Calls per grant in this run, by grant id. */
  readonly granted: Readonly<Record<string, number>>;
  /** Writes per tool in this run, by plain name. */
  readonly writes: Readonly<Record<string, number>>;
  /** Ids of destinations that a person or grant has allowed in this session. */
  readonly destinations: readonly string[];
  /** Hosts of links sent in this session. */
  readonly linkHosts: readonly string[];
}

export const noHistory: PolicyHistory = { granted: {}, writes: {}, destinations: [], linkHosts: [] };

/** The rule that decided, as written to the audit log. */
export type PolicyRule =
  | 'condition'
  | 'read'
  | 'grant'
  | 'limit'
  | 'requirement'
  | 'sensitive'
  | 'link'
  | 'foreign'
  | 'changed'
  | 'no-grant';

export interface PolicyDecision {
  readonly decision: 'allow' | 'ask' | 'deny';
  readonly by: 'grant' | 'policy';
  readonly rule: PolicyRule;
  /** One sentence each, most important first. Shown in card, log and audit. */
  readonly reasons: readonly string[];
  /** Id of the grant that allows it. */
  readonly grant?: OriginatedGrant;
}

/** Decides one call. Pure and closed by default: what no rule allows asks a person, or is denied if there is none. */
export function decide(call: PolicyCall, context: PolicyContext): PolicyDecision {
  const failed = context.conditions.find(
    (condition) => !condition.holds && condition.requires.includes(call.tool.plainName),
  );
  if (failed !== undefined) {
    const reason = `The condition '${failed.name}' is false (${failed.explained}), and ${call.tool.plainName} requires it.`;
    return { decision: 'deny', by: 'policy', rule: 'condition', reasons: [reason] };
  }
  if (call.tool.risk === 'read' && call.tool.trusted)
    return {
      decision: 'allow',
      by: 'policy',
      rule: 'read',
      reasons: ['Reads on our own servers need no approval.'],
    };

  const { change } = call.tool;
  if (change?.kind === 'changed') return ofChangedTool(call, change, context);
  const misses: Miss[] = [];
  for (const given of context.grants) {
    if (!isForTool(given.grant, call.tool)) continue;
    const miss = missOf(given, call, context);
    if (miss === undefined)
      return {
        decision: 'allow',
        by: 'grant',
        rule: 'grant',
        reasons: [`Granted by ${originNames[given.origin]}: ${describeGrant(given.grant)}.`],
        grant: given,
      };
    misses.push(miss);
  }
  return withoutGrant(call, context, misses);
}

/** Grants were given for the old definition, so a person must see the new one whatever the grants say. */
function ofChangedTool(
  call: PolicyCall,
  { parts, diff }: Extract<ToolChange, { kind: 'changed' }>,
  context: PolicyContext,
): PolicyDecision {
  const { plainName, server } = call.tool;
  const what = `${server} has changed its description of ${plainName} since you last allowed it`;
  if (context.attended) {
    const shown = [`${what}. If you approve, the new definition (+) is accepted:`, ...diff].join('\n');
    const reasons = [shown, ...concerns(call, context), foreignReason(call.tool)];
    return { decision: 'ask', by: 'policy', rule: 'changed', reasons };
  }
  // The model reads this, so it must not quote what others wrote.
  const reason = `${what} (${parts.join(', ')}). Grants do not cover changed tools, and no one can be asked here.`;
  return { decision: 'deny', by: 'policy', rule: 'changed', reasons: [reason] };
}

function foreignReason({ server }: ToolSpec): string {
  return `${server} is a third-party server. Its tools need approval until you allow them.`;
}

const originNames: Readonly<Record<OriginatedGrant['origin'], string>> = {
  person: 'your earlier approval',
  settings: 'your settings',
  runbook: 'the runbook you accepted',
  'policy-file': 'the policy file',
};

interface Miss {
  readonly rule: PolicyRule;
  readonly reasons: readonly string[];
}

function missOf(given: OriginatedGrant, call: PolicyCall, context: PolicyContext): Miss | undefined {
  const { grant } = given;
  const gaps = gapsOfArguments(grant, call.tool, call.arguments, call.preview);
  if (gaps.length > 0)
    return { rule: 'no-grant', reasons: gaps.map((gap) => `A grant almost covers this, but ${gap}.`) };
  const done = context.history.granted[given.id] ?? 0;
  if (grant.limit !== undefined && done >= grant.limit)
    return { rule: 'limit', reasons: [`The grant covers ${grant.limit} per run, and ${done} have been used.`] };
  const sensitive = [...secretIn(call), ...(call.preview?.personalData ?? []), ...invisibleIn(call)];
  if (sensitive.length > 0)
    return { rule: 'sensitive', reasons: [`It contains ${sensitive.join(', ')}. Grants never cover that.`] };
  const { lookAlikes = [] } = call;
  if (lookAlikes.length > 0) return { rule: 'link', reasons: lookAlikes };
  // Injected instructions may add a link that leaks what the run has read.
  const strange = strangeTo(call, context.history);
  if (context.taint.length > 0 && strange.length > 0)
    return {
      rule: 'link',
      reasons: [`It links to ${strange.join(', ')}, which no trusted source has named, and ${wrote}`],
    };
  const unmet = (grant.require ?? []).flatMap((requirement) => unmetRequirement(requirement, call));
  return unmet.length > 0 ? { rule: 'requirement', reasons: unmet } : undefined;
}

const wrote = 'this run has read text that others wrote.';

/** A host is no longer strange once a person has allowed a link to it in this session. */
function strangeTo({ strangeHosts }: PolicyCall, { linkHosts }: PolicyHistory): readonly string[] {
  return strangeHosts.filter((host) => !linkHosts.includes(host));
}

function unmetRequirement(requirement: Requirement, { preview, unverified }: PolicyCall): readonly string[] {
  const hosts = preview?.linkHosts ?? [];
  const mentions = preview?.mentions ?? [];
  switch (requirement) {
    case 'verified-numbers':
      return unverified.length === 0
        ? []
        : [`The grant requires verified numbers. No evidence supports ${unverified.join(', ')}.`];
    case 'no-links':
      return hosts.length === 0 ? [] : [`The grant does not allow links. The text links to ${hosts.join(', ')}.`];
    case 'no-mentions':
      return mentions.length === 0
        ? []
        : [`The grant does not allow mentions. It would notify ${mentions.join(', ')}.`];
  }
}

function withoutGrant(call: PolicyCall, context: PolicyContext, misses: readonly Miss[]): PolicyDecision {
  const foreign = !call.tool.trusted;
  const rule = nearest(misses) ?? (foreign ? 'foreign' : 'no-grant');
  const why = misses.flatMap((miss) => miss.reasons);
  if (!context.attended) {
    const unasked = `${call.tool.plainName} needs approval, but no one can be asked here and no grant covers it.`;
    return { decision: 'deny', by: 'policy', rule, reasons: [...why, unasked] };
  }
  const base = foreign
    ? foreignReason(call.tool)
    : `“${call.tool.title}” changes an external system, and no grant covers it.`;
  return { decision: 'ask', by: 'policy', rule, reasons: [...why, ...concerns(call, context), base] };
}

/** The rule of the closest grant: one that fails only its limit says more than a mismatch. */
function nearest(misses: readonly Miss[]): PolicyRule | undefined {
  const order: readonly PolicyRule[] = ['limit', 'sensitive', 'link', 'requirement', 'no-grant'];
  return order.find((rule) => misses.some((miss) => miss.rule === rule));
}

/** What a person should check before approving. */
function concerns(call: PolicyCall, { history, taint }: PolicyContext): readonly string[] {
  const { tool, preview, unverified } = call;
  const reasons: string[] = [];
  if (tool.change?.kind === 'new') reasons.push(`${tool.server} added ${tool.plainName} after its first use.`);
  if (tool.risk === 'read') return taint.length === 0 ? reasons : [...reasons, readBefore(taint)];
  const done = history.writes[tool.plainName] ?? 0;
  if (done > 0) reasons.push(`This would be the ${ordinal(done + 1)} “${tool.title}” in this run.`);
  if (unverified.length > 0) reasons.push(`No evidence supports ${unverified.join(', ')}. Check before you approve.`);
  if (preview !== undefined) {
    const { destination, linkHosts, mentions, personalData = [] } = preview;
    if (mentions.length > 0) reasons.push(`It notifies ${mentions.join(', ')}.`);
    if (personalData.length > 0) reasons.push(`It contains ${personalData.join(', ')}.`);
    const hosts = linkHosts.filter((host) => !history.linkHosts.includes(host));
    if (hosts.length > 0) reasons.push(`It links to ${hosts.join(', ')}: the first link there in this session.`);
    if (!history.destinations.includes(destination.id))
      reasons.push(`First write to ${destination.name} in this session.`);
  }
  reasons.push(...(call.lookAlikes ?? []));
  const hidden = [...secretIn(call), ...invisibleIn(call)];
  if (hidden.length > 0) reasons.push(`It contains ${hidden.join(', ')}.`);
  if (tool.risk === 'destructive') reasons.push('It replaces or deletes existing data.');
  if (taint.length > 0) reasons.push(readBefore(taint));
  return reasons;
}

function secretIn({ containsSecret }: PolicyCall): readonly string[] {
  return containsSecret ? ['a password or token'] : [];
}

/** Content that a person would approve without seeing. */
function invisibleIn({ arguments: input }: PolicyCall): readonly string[] {
  // JSON escapes control characters; the search covers those it leaves as they are.
  const found = findInvisible(JSON.stringify(input));
  return found.length === 0 ? [] : [`invisible characters (${found.slice(0, 3).join(', ')})`];
}

function readBefore(taint: readonly string[]): string {
  const named = taint.length <= 3 ? taint : [...taint.slice(0, 3), `${taint.length - 3} more`];
  return `This run has read text that others wrote: ${named.join(', ')}.`;
}

function ordinal(count: number): string {
  const ending = ['th', 'st', 'nd', 'rd'][count % 100 > 10 && count % 100 < 14 ? 0 : count % 10] ?? 'th';
  return `${count}${ending}`;
}

/** The history after an allowed write. Use it when the call is sent, whatever its outcome. */
export function afterWrite(history: PolicyHistory, call: PolicyCall, decision: PolicyDecision): PolicyHistory {
  const name = call.tool.plainName;
  const grantId = decision.grant?.id;
  const destination = call.preview?.destination.id;
  return {
    granted:
      grantId === undefined ? history.granted : { ...history.granted, [grantId]: (history.granted[grantId] ?? 0) + 1 },
    writes: { ...history.writes, [name]: (history.writes[name] ?? 0) + 1 },
    destinations: union(history.destinations, destination === undefined ? [] : [destination]),
    linkHosts: union(history.linkHosts, call.preview?.linkHosts ?? []),
  };
}

/** The history for the next run of the session: limits count per run, destinations and hosts per session. */
export function historyOfNextRun({ destinations, linkHosts }: PolicyHistory): PolicyHistory {
  return { ...noHistory, destinations, linkHosts };
}

function union(all: readonly string[], added: readonly string[]): readonly string[] {
  return [...new Set([...all, ...added])];
}
