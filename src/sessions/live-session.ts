import type { ClearedCall } from '../agent/cleared-calls.ts';
import { createEvidenceStore, type EvidenceStore } from '../agent/evidence.ts';
import type { Message } from '../agent/model.ts';
import type { PolicySnapshot } from '../agent/policy-state.ts';
import type { Session } from './session.ts';

/** A session in use: what its file held when it was opened, and all that has come since. */
export interface LiveSession {
  readonly file: Session;
  readonly messages: Message[];
  readonly evidence: EvidenceStore;
  readonly cleared: Map<string, ClearedCall>;
  policy: PolicySnapshot | undefined;
}

export function goOnWith(file: Session): LiveSession {
  const { messages, evidence, policy, cleared } = file.content;
  return {
    file,
    messages: [...messages],
    evidence: createEvidenceStore({ records: evidence, shelf: file.shelf }),
    cleared: new Map(cleared.map((call) => [call.callId, call])),
    policy,
  };
}
