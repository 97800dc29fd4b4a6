import type { Evidence } from '../evidence/types.ts';
import { holdGrant, type Grant, type HeldGrant } from './grants.ts';
import {
  afterWrite,
  historyOfNextRun,
  noHistory,
  type GatingCondition,
  type PolicyCall,
  type PolicyContext,
  type PolicyDecision,
  type PolicyHistory,
} from './policy.ts';
import type { ToolSpec } from '../tools.ts';

/** What a session remembers between runs, as JSON. */
export interface PolicySnapshot {
  readonly destinations: readonly string[];
  readonly linkHosts: readonly string[];
  readonly taint: readonly string[];
}

export interface PolicyStateOptions {
  /** From settings, the policy file and accepted runbooks. */
  readonly grants: readonly HeldGrant[];
  readonly conditions?: readonly GatingCondition[];
  readonly snapshot?: PolicySnapshot | undefined;
  /** Of the part of this run that came before an interruption. */
  readonly done?: Pick<PolicyHistory, 'granted' | 'writes'> | undefined;
}

/** The one place where a run's permissions change. Only a person's answer adds a grant: nothing that was read can. */
export interface PolicyState {
  /** What `decide` needs now. */
  readonly context: (attended: boolean) => PolicyContext;
  /** A write is let go: limits count it, whatever becomes of it. */
  readonly noteWrite: (call: PolicyCall, decision: PolicyDecision) => void;
  /** A result was read: whatever others can write taints the run. */
  readonly noteResult: (tool: ToolSpec, evidence: Evidence) => void;
  /** So does what comes along otherwise: quoted in a failure, attached, in the description of a third party's tool. */
  readonly noteText: (what: string) => void;
  /** The grant a person gave with a card; `always` is the caller's to store as well. */
  readonly addGrant: (grant: Grant, scope: 'run' | 'always') => void;
  readonly setConditions: (conditions: readonly GatingCondition[]) => void;
  readonly snapshot: () => PolicySnapshot;
}

export function createPolicyState(options: PolicyStateOptions): PolicyState {
  const grants = [...options.grants];
  let conditions = options.conditions ?? [];
  const taint = new Set(options.snapshot?.taint);
  let history: PolicyHistory = { ...historyOfNextRun({ ...noHistory, ...options.snapshot }), ...options.done };
  return {
    context: (attended) => ({ grants, conditions, history, taint: [...taint], attended }),
    noteWrite: (call, decision) => {
      history = afterWrite(history, call, decision);
    },
    noteResult: (tool, evidence) => {
      if (tool.server !== 'host' && (tool.risk === 'read' || !tool.trusted))
        taint.add(`${tool.plainName} (${evidence.id})`);
    },
    noteText: (what) => {
      taint.add(what);
    },
    addGrant: (grant) => {
      const held = holdGrant(grant, 'person');
      if (!grants.some(({ id }) => id === held.id)) grants.push(held);
    },
    setConditions: (changed) => {
      conditions = changed;
    },
    snapshot: () => ({
      destinations: history.destinations,
      linkHosts: history.linkHosts,
      taint: [...taint],
    }),
  };
}
