import type { Evidence } from '../evidence/types.ts';
import { withOrigin, type Grant, type OriginatedGrant } from './grants.ts';
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

/** What a session keeps between runs, as JSON. */
export interface PolicySnapshot {
  readonly destinations: readonly string[];
  readonly linkHosts: readonly string[];
  readonly taint: readonly string[];
}

export interface PolicyStateOptions {
  /** From settings, the policy file and accepted runbooks. */
  readonly grants: readonly OriginatedGrant[];
  readonly conditions?: readonly GatingCondition[];
  readonly snapshot?: PolicySnapshot | undefined;
  /** The history of this run before it was interrupted. */
  readonly done?: Pick<PolicyHistory, 'granted' | 'writes'> | undefined;
}

/** The only place where a run's permissions change. Only a person's answer adds a grant; text that was read cannot. */
export interface PolicyState {
  /** The current input for `decide`. */
  readonly context: (attended: boolean) => PolicyContext;
  /** Counts an allowed write towards the limits, whatever its outcome. */
  readonly noteWrite: (call: PolicyCall, decision: PolicyDecision) => void;
  /** The grant's limit was reached elsewhere. */
  readonly useUp: (grantId: string, limit: number) => void;
  /** Taints the run if others could have written the result. */
  readonly noteResult: (tool: ToolSpec, evidence: Evidence) => void;
  /** Taints the run by other text: quoted in a failure, attached, or in a third party's tool description. */
  readonly noteText: (what: string) => void;
  /** Adds a grant given on a card. The caller also stores it if the scope is `always`. */
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
    useUp: (grantId, limit) => {
      history = { ...history, granted: { ...history.granted, [grantId]: limit } };
    },
    noteResult: (tool, evidence) => {
      if (tool.server !== 'host' && (tool.risk === 'read' || !tool.trusted))
        taint.add(`${tool.plainName} (${evidence.id})`);
    },
    noteText: (what) => {
      taint.add(what);
    },
    addGrant: (grant) => {
      const given = withOrigin(grant, 'person');
      if (!grants.some(({ id }) => id === given.id)) grants.push(given);
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
