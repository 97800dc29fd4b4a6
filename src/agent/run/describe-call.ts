import type { OutgoingClaim } from '../approval.ts';
import { claimsOfCall } from '../claims/claims-of-call.ts';
import { namedHosts, seenHosts, strangeHosts } from '../policy/link-hosts.ts';
import type { PolicyCall } from '../policy/policy.ts';
import type { Arguments, ToolSpec } from '../tools.ts';
import { linksOnlyTo, permalinksIn } from '../origin/place-permalink.ts';
import type { RunPorts, RunState } from './ports.ts';

interface DescribedCall {
  readonly policyCall: PolicyCall;
  readonly claims: readonly OutgoingClaim[];
}

/** What the policy and a person need to know about a previewed call: figures, links, secrets. */
export function describeCall(
  spec: ToolSpec,
  input: Arguments,
  preview: PolicyCall['preview'],
  state: RunState,
  ports: RunPorts,
): DescribedCall {
  const claims = claimsOfCall(spec, input, ports.evidence, state.trustedTexts);
  const evidence = ports.evidence.list();
  const permalinks = permalinksIn(evidence);
  const strange = strangeHosts(preview?.linkHosts ?? [], namedHosts(state.said, evidence)).filter(
    (host) => !linksOnlyTo(permalinks, host, textsOf(input)),
  );
  const policyCall: PolicyCall = {
    tool: spec,
    arguments: input,
    preview,
    unverified: claims.flatMap(({ text, supportedBy }) => (supportedBy === undefined ? [text] : [])),
    strangeHosts: strange,
    lookAlikes: strange.length === 0 ? [] : lookAlikes(strange, seenHosts(state.said, evidence), ports),
    containsSecret: textsOf(input).some(ports.containsSecret),
  };
  return { policyCall, claims };
}

function lookAlikes(hosts: readonly string[], seen: ReadonlySet<string>, { lookAlike }: RunPorts): readonly string[] {
  return hosts.flatMap((host) => {
    const like = lookAlike?.(host.replace(/:\d+$/, ''), seen);
    return like === undefined ? [] : [`It links to ${host}, which looks like ${like} but is a different host.`];
  });
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap((pair) => pair.flatMap(textsOf))
    : [];
}
