import { l10n } from 'vscode';
import type { Evidence } from '../../agent/evidence/types.ts';
import { readDetail } from '../../chat/evidence-details.ts';
import { queryRows } from '../../chat/evidence-query.ts';
import type { WebviewMessage } from '../../chat/messages.ts';
import type { Chat } from './chat.ts';

const types = ['query-evidence', 'read-detail', 'describe-table'] as const;

type EvidenceMessage = Extract<WebviewMessage, { type: (typeof types)[number] }>;

export function isAboutEvidence(message: WebviewMessage): message is EvidenceMessage {
  return types.some((type) => type === message.type);
}

/** Answers what the webview asks about a result. The chat keeps only the beginning of a long one. */
export async function answerAboutEvidence(
  chat: Pick<Chat, 'send' | 'run'>,
  evidence: Evidence,
  message: EvidenceMessage,
): Promise<void> {
  const { id } = evidence;
  switch (message.type) {
    case 'query-evidence': {
      const query = { filter: message.filter, sort: message.sort };
      return chat.send({ type: 'evidence-rows', id, query, ...queryRows(evidence.rows, query) });
    }
    case 'read-detail': {
      const detail = readDetail(evidence);
      if (detail !== undefined) chat.send({ type: 'evidence-detail', id, detail });
      return;
    }
    case 'describe-table': {
      // A run of its own, so that the call is checked and recorded like any other.
      const { database } = evidence.arguments;
      const input = { table_name: message.table, ...(typeof database === 'string' && { database }) };
      const calls = [{ plainName: 'get_table_schema', arguments: input }];
      return chat.run({ prompt: l10n.t('Schema of {0}', message.table), context: [], attachments: [], calls });
    }
  }
}
