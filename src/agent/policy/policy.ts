import type { ConditionState } from '../events.ts';
import { describeGrant, gapsOfArguments, isForTool, type HeldGrant, type Requirement } from './grants.ts';
import { findInvisible } from '../untrusted-text.ts';
import type { Arguments, Preview, ToolChange, ToolSpec } from '../tools.ts';

/** One proposed call after expansion and, for a write of ours, after its preview. */
export interface PolicyCall {
  readonly tool: ToolSpec;
  readonly arguments: Arguments;
  readonly preview: Preview | undefined;
  /** Numbers, ids and dates of the outgoing text that nothing holds, as they stand in it. */
  readonly unverified: readonly string[];
  /** Hosts it links to that neither a person nor one of our systems has named. */
  readonly strangeHosts: readonly string[];
  /** A sentence for each of those that could be taken for another host: for one of this run, or by its letters. */
  readonly lookAlikes?: readonly string[];
  /** Whether an argument holds a live secret: one server does not know those of the others. */
  readonly holdsSecret: boolean;
}

export interface PolicyContext {
  readonly grants: readonly HeldGrant[];
  readonly conditions: readonly GatingCondition[];
  readonly history: PolicyHistory;
  /** What untrusted text this run has read, in words: `query_database (E1)`. Only ever grows. */
  readonly taint: readonly string[];
  /** Whether a person can be asked. */
  readonly attended: boolean;
}

export interface GatingCondition extends ConditionState {
  /** Plain names of the tools that depend on it. */
  readonly requires: readonly string[];
}

/** What this run, and for destinations and hosts this session, has sent so far. */
export interface PolicyHistory {
  /** Calls under each grant in this run, by grant id. */
  readonly granted: Readonly<Record<string, number>>;
  /** Writes of each tool in this run, by plain name. */
  readonly writes: Readonly<Record<string, number>>;
  /** Destination ids that a person or grant has let something go to, in the session. */
  readonly destinations: readonly string[];
  /** Hosts of links that have gone out, in the session. */
  readonly linkHosts: readonly string[];
}

export const noHistory: PolicyHistory = { granted: {}, writes: {}, destinations: [], linkHosts: [] };

/** Which rule decided; stands in the audit log. */
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
  /** One sentence each, most important first; shown in card, log and audit. */
  readonly reasons: readonly string[];
  /** Of an allowing grant. */
  readonly grant?: HeldGrant;
}

/** Decides one call. Pure, and closed by default: what no rule allows asks a person, and where there is none, is denied. */
export function decide(call: PolicyCall, context: PolicyContext): PolicyDecision {
  const failed = context.conditions.find(
    (condition) => !condition.holds && condition.requires.includes(call.tool.plainName),
  );
  if (failed !== undefined) {
    const reason = `The condition '${failed.name}' is false (${failed.explained}), and ${call.tool.plainName} depends on it.`;
    return { decision: 'deny', by: 'policy', rule: 'condition', reasons: [reason] };
  }
  if (call.tool.risk === 'read' && call.tool.trusted)
    return {
      decision: 'allow',
      by: 'policy',
      rule: 'read',
      reasons: ['Reading on our own servers needs no approval.'],
    };

  const { change } = call.tool;
  if (change?.kind === 'changed') return ofChangedTool(call, change, context);
  const misses: Miss[] = [];
  for (const held of context.grants) {
    if (!isForTool(held.grant, call.tool)) continue;
    const miss = missOf(held, call, context);
    if (miss === undefined)
      return {
        decision: 'allow',
        by: 'grant',
        rule: 'grant',
        reasons: [`Granted by ${originNames[held.origin]}: ${describeGrant(held.grant)}.`],
        grant: held,
      };
    misses.push(miss);
  }
  return withoutGrant(call, context, misses);
}

/** What was granted was another tool: whatever grants say, a person sees what it is now. */
function ofChangedTool(
  call: PolicyCall,
  { parts, diff }: Extract<ToolChange, { kind: 'changed' }>,
  context: PolicyContext,
): PolicyDecision {
  const { plainName, server } = call.tool;
  const what = `${server} describes ${plainName} differently than when you last let it be used`;
  if (context.attended) {
    const shown = [`${what}. Approving takes over what is new (+):`, ...diff].join('\n');
    const reasons = [shown, ...concerns(call, context), foreignReason(call.tool)];
    return { decision: 'ask', by: 'policy', rule: 'changed', reasons };
  }
  // The model is told this, and must not be told what others wrote.
  const reason = `${what} (${parts.join(', ')}), no grant covers that, and nobody can be asked here.`;
  return { decision: 'deny', by: 'policy', rule: 'changed', reasons: [reason] };
}

function foreignReason({ server }: ToolSpec): string {
  return `${server} is not one of our servers: its tools ask until you allow them.`;
}

const originNames: Readonly<Record<HeldGrant['origin'], string>> = {
  person: 'you, earlier',
  settings: 'your settings',
  runbook: 'the runbook you accepted',
  'policy-file': 'the policy file',
};

interface Miss {
  readonly rule: PolicyRule;
  readonly reasons: readonly string[];
}

function missOf(held: HeldGrant, call: PolicyCall, context: PolicyContext): Miss | undefined {
  const { grant } = held;
  const gaps = gapsOfArguments(grant, call.tool, call.arguments, call.preview);
  if (gaps.length > 0)
    return { rule: 'no-grant', reasons: gaps.map((gap) => `A grant almost covers this, but ${gap}.`) };
  const done = context.history.granted[held.id] ?? 0;
  if (grant.limit !== undefined && done >= grant.limit)
    return { rule: 'limit', reasons: [`The grant covers ${grant.limit} a run, and ${done} are done.`] };
  const sensitive = [...secretIn(call), ...(call.preview?.personalData ?? []), ...invisibleIn(call)];
  if (sensitive.length > 0)
    return { rule: 'sensitive', reasons: [`It holds ${sensitive.join(', ')}, which no grant lets out.`] };
  const { lookAlikes = [] } = call;
  if (lookAlikes.length > 0) return { rule: 'link', reasons: lookAlikes };
  // Text that asks to be obeyed may bring a link along that carries off what the run has read.
  const strange = strangeTo(call, context.history);
  if (context.taint.length > 0 && strange.length > 0)
    return { rule: 'link', reasons: [`It links to ${strange.join(', ')}, which nobody has named, and ${wrote}`] };
  const unmet = (grant.require ?? []).flatMap((requirement) => unmetRequirement(requirement, call));
  return unmet.length > 0 ? { rule: 'requirement', reasons: unmet } : undefined;
}

const wrote = 'this run has read text that others wrote.';

/** A host that a person let a link go to in this session is not strange to it any more. */
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
        : [`The grant wants verified numbers; nothing holds ${unverified.join(', ')}.`];
    case 'no-links':
      return hosts.length === 0 ? [] : [`The grant wants no links; there are links to ${hosts.join(', ')}.`];
    case 'no-mentions':
      return mentions.length === 0 ? [] : [`The grant wants no mentions; it would notify ${mentions.join(', ')}.`];
  }
}

function withoutGrant(call: PolicyCall, context: PolicyContext, misses: readonly Miss[]): PolicyDecision {
  const foreign = !call.tool.trusted;
  const rule = nearest(misses) ?? (foreign ? 'foreign' : 'no-grant');
  const why = misses.flatMap((miss) => miss.reasons);
  if (!context.attended) {
    const nobody = `${call.tool.plainName} needs an approval, nobody can be asked here, and no grant covers it.`;
    return { decision: 'deny', by: 'policy', rule, reasons: [...why, nobody] };
  }
  const base = foreign
    ? foreignReason(call.tool)
    : `${call.tool.plainName} changes something outside, and no grant covers it.`;
  return { decision: 'ask', by: 'policy', rule, reasons: [...why, ...concerns(call, context), base] };
}

/** The rule of the grant that came closest: one that only its limit keeps from covering says more than a mismatch. */
function nearest(misses: readonly Miss[]): PolicyRule | undefined {
  const order: readonly PolicyRule[] = ['limit', 'sensitive', 'link', 'requirement', 'no-grant'];
  return order.find((rule) => misses.some((miss) => miss.rule === rule));
}

/** What a person should look at before saying yes. */
function concerns(call: PolicyCall, { history, taint }: PolicyContext): readonly string[] {
  const { tool, preview, unverified } = call;
  const reasons: string[] = [];
  if (tool.change?.kind === 'new')
    reasons.push(`${tool.server} did not offer ${tool.plainName} when it was first used.`);
  if (tool.risk === 'read') return taint.length === 0 ? reasons : [...reasons, readBefore(taint)];
  const done = history.writes[tool.plainName] ?? 0;
  if (done > 0) reasons.push(`This would be the ${ordinal(done + 1)} ${tool.plainName} of this run.`);
  if (unverified.length > 0) reasons.push(`Nothing holds ${unverified.join(', ')}: check before you approve.`);
  if (preview !== undefined) {
    const { destination, linkHosts, mentions, personalData = [] } = preview;
    if (mentions.length > 0) reasons.push(`It notifies ${mentions.join(', ')}.`);
    if (personalData.length > 0) reasons.push(`It holds ${personalData.join(', ')}.`);
    const hosts = linkHosts.filter((host) => !history.linkHosts.includes(host));
    if (hosts.length > 0) reasons.push(`It links to ${hosts.join(', ')}, where nothing of this session linked before.`);
    if (!history.destinations.includes(destination.id))
      reasons.push(`Nothing of this session went to ${destination.name} before.`);
  }
  reasons.push(...(call.lookAlikes ?? []));
  const hidden = [...secretIn(call), ...invisibleIn(call)];
  if (hidden.length > 0) reasons.push(`It holds ${hidden.join(', ')}.`);
  if (tool.risk === 'destructive') reasons.push('It replaces or removes what is there.');
  if (taint.length > 0) reasons.push(readBefore(taint));
  return reasons;
}

function secretIn({ holdsSecret }: PolicyCall): readonly string[] {
  return holdsSecret ? ['a password or token'] : [];
}

/** What a person would approve without seeing it. */
function invisibleIn({ arguments: input }: PolicyCall): readonly string[] {
  // Escapes of JSON hide control characters from the search; what it leaves bare is what is looked for.
  const found = findInvisible(JSON.stringify(input));
  return found.length === 0 ? [] : [`characters that nobody sees (${found.slice(0, 3).join(', ')})`];
}

function readBefore(taint: readonly string[]): string {
  const named = taint.length <= 3 ? taint : [...taint.slice(0, 3), `${taint.length - 3} more`];
  return `This run has read text that others wrote: ${named.join(', ')}.`;
}

function ordinal(count: number): string {
  const ending = ['th', 'st', 'nd', 'rd'][count % 100 > 10 && count % 100 < 14 ? 0 : count % 10] ?? 'th';
  return `${count}${ending}`;
}

/** The history after a write was let go. Call it when the call is sent, whatever becomes of it. */
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

/** The history with which the next run of the session begins: limits are a run's, destinations and hosts a session's. */
export function historyOfNextRun({ destinations, linkHosts }: PolicyHistory): PolicyHistory {
  return { ...noHistory, destinations, linkHosts };
}

function union(all: readonly string[], added: readonly string[]): readonly string[] {
  return [...new Set([...all, ...added])];
}
