import { l10n } from 'vscode';
import type { ApprovalDecision, ApprovalRequest, Ask, CheckEdit, EditCheck } from '../../agent/approval.ts';
import type { WebviewMessage } from '../../chat/messages.ts';

type Check = Extract<WebviewMessage, { type: 'check-edit' }>;
type Answer = Extract<WebviewMessage, { type: 'approve' | 'deny' | 'revise' }>;

/** Approval cards that are waiting for an answer. */
export interface Approvals {
  readonly ask: Ask;
  /** False, with nothing decided, if no such card is waiting or if it showed different content. */
  readonly answer: (message: Answer) => boolean;
  /** undefined if no such card is waiting. */
  readonly check: (message: Check) => EditCheck | undefined;
}

export function createApprovals(onAsked: (request: ApprovalRequest) => void): Approvals {
  const waiting = new Map<
    string,
    { readonly sha256: string; readonly resolve: (decision: ApprovalDecision) => void; readonly check: CheckEdit }
  >();
  return {
    ask: (request, signal, check) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          waiting.delete(request.id);
          reject(new Error(l10n.t('The run was cancelled while an approval was waiting.'), { cause: signal.reason }));
        };
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        const settle = (decision: ApprovalDecision): void => {
          signal.removeEventListener('abort', abort);
          waiting.delete(request.id);
          resolve(decision);
        };
        waiting.set(request.id, { sha256: request.sha256, resolve: settle, check });
        onAsked(request);
      }),
    answer: (message) => {
      const card = waiting.get(message.requestId);
      if (card === undefined || card.sha256 !== message.sha256) return false;
      card.resolve(decisionOf(message));
      return true;
    },
    check: (message) => {
      const card = waiting.get(message.requestId);
      return card?.sha256 === message.sha256 ? card.check(message.arguments) : undefined;
    },
  };
}

function decisionOf(message: Answer): ApprovalDecision {
  switch (message.type) {
    case 'approve':
      return { kind: 'approve', scope: message.scope };
    case 'deny':
      return { kind: 'deny', reason: message.reason };
    case 'revise':
      return { kind: 'revise', arguments: message.arguments };
  }
}
