import type { ClearedCall } from '../agent/run/approved-calls.ts';
import { addSpent, nothingSpent, type Spent } from '../agent/budget.ts';
import type { Usage } from '../agent/events.ts';
import { createEvidenceStore, type EvidenceStore } from '../agent/evidence/store.ts';
import type { Message } from '../agent/model/model.ts';
import type { PolicySnapshot } from '../agent/policy/policy-state.ts';
import type { Session } from './session.ts';
import type { TimedEvent } from './session-record.ts';

/** A session in use: what its file contained when it was opened, and everything since. */
export interface LiveSession {
  readonly file: Session;
  readonly messages: Message[];
  readonly evidence: EvidenceStore;
  readonly cleared: Map<string, ClearedCall>;
  policy: PolicySnapshot | undefined;
  /** Used by finished runs. */
  spent: Spent;
}

export function goOnWith(file: Session): LiveSession {
  const { events, messages, evidence, policy, cleared } = file.content;
  return {
    file,
    messages: [...messages],
    evidence: createEvidenceStore({ records: evidence, shelf: file.shelf }),
    cleared: new Map(cleared.map((call) => [call.callId, call])),
    policy,
    spent: spentIn(events),
  };
}

/** Usage is reported as the run's total so far, so the last event of each run counts, even of an interrupted one. */
function spentIn(events: readonly TimedEvent[]): Spent {
  let spent = nothingSpent;
  let ofRun: Usage | undefined;
  for (const { event } of events) {
    if (event.type === 'usage-changed') ofRun = event.usage;
    if (event.type !== 'run-started' || ofRun === undefined) continue;
    spent = addSpent(spent, ofRun);
    ofRun = undefined;
  }
  return ofRun === undefined ? spent : addSpent(spent, ofRun);
}
