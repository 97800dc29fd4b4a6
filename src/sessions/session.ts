import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvidenceRecord, EvidenceShelf } from '../agent/evidence/store.ts';
import type { ClearedCall } from '../agent/run/approved-calls.ts';
import type { RunEvent } from '../agent/events.ts';
import type { Message } from '../agent/model/model.ts';
import type { PolicySnapshot } from '../agent/policy/policy-state.ts';
import { isCode, type Lock } from './lock-file.ts';
import type { SessionLog } from './session-log.ts';
import type { SessionContent, SessionRecord } from './session-record.ts';

/** The session cannot be written: disk full, folder or database gone. The message says what to check. */
export class SessionWriteError extends Error {
  override readonly name = 'SessionWriteError';
}

export interface SessionPlaces {
  readonly log: SessionLog;
  /** For evidence that is too large for memory. */
  readonly shelf: EvidenceShelf | undefined;
}

const longestTitle = 120;
/** Deltas of one answer are merged into one record. A crash loses at most this many streamed characters. */
const longestDelta = 4000;

/**
 * A session that only this process writes. Events are written in the background, in order. Messages are on disk before
 * `addMessage` resolves, because a resumed run continues from them.
 */
export class Session {
  readonly id: string;
  /** The content when it was opened. */
  readonly content: SessionContent;
  readonly shelf: EvidenceShelf | undefined;
  readonly #log: SessionLog;
  readonly #lock: Lock;
  readonly #savedEvidence: Set<string>;
  #hasHeader: boolean;
  #delta: Extract<RunEvent, { type: 'text-delta' | 'thinking-delta' }> | undefined;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #failure: SessionWriteError | undefined;

  constructor(content: SessionContent, { log, shelf }: SessionPlaces, lock: Lock) {
    this.id = content.id;
    this.content = content;
    this.shelf = shelf;
    this.#log = log;
    this.#lock = lock;
    this.#savedEvidence = new Set(content.evidence.map(({ id }) => id));
    this.#hasHeader = content.created !== '';
  }

  /** Progress is not saved. Never throws: errors are thrown by the next `addMessage`, `flush` or `close`. */
  addEvent(event: RunEvent): void {
    if (event.type === 'tool-call-progressed') return; // meaningless once the call has finished
    if (event.type === 'text-delta' || event.type === 'thinking-delta') {
      const joins = this.#delta?.type === event.type && this.#delta.text.length < longestDelta;
      if (!joins) this.#endDelta();
      this.#delta = { type: event.type, text: (this.#delta?.text ?? '') + event.text };
      return;
    }
    this.#endDelta();
    if (!this.#hasHeader) this.#begin(event.type === 'run-started' ? event.prompt : '');
    this.#add({ type: 'event', time: new Date().toISOString(), event });
  }

  /** Resolves once the message is on disk. @throws SessionWriteError */
  async addMessage(message: Message): Promise<void> {
    this.#add({ type: 'message', message });
    await this.flush();
    await this.#log.sync();
  }

  /** The conversation continues from these messages. Resolves once they are on disk. @throws SessionWriteError */
  async addCompacted(messages: readonly Message[]): Promise<void> {
    this.#add({ type: 'compacted', messages: [...messages] });
    await this.flush();
    await this.#log.sync();
  }

  /** Saves the new ones. Resolves once they are written. @throws SessionWriteError */
  async saveEvidence(records: readonly EvidenceRecord[]): Promise<void> {
    for (const record of records) {
      if (this.#savedEvidence.has(record.id)) continue;
      this.#savedEvidence.add(record.id);
      this.#add({ type: 'evidence', record });
    }
    await this.flush();
  }

  /** Resolves once it is on disk. @throws SessionWriteError */
  async addCleared(call: ClearedCall): Promise<void> {
    this.#add({ type: 'cleared', call });
    await this.flush();
    await this.#log.sync();
  }

  /** The last one saved counts. @throws SessionWriteError */
  async savePolicy(snapshot: PolicySnapshot): Promise<void> {
    this.#add({ type: 'policy', snapshot });
    await this.flush();
  }

  /** Resolves once everything so far is written. @throws SessionWriteError */
  async flush(): Promise<void> {
    this.#endDelta();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Writes what is pending and releases the session. @throws SessionWriteError */
  async close(): Promise<void> {
    try {
      await this.flush();
      await this.#log.sync();
    } finally {
      await this.#log.close();
      await this.#lock.release();
    }
  }

  #endDelta(): void {
    const delta = this.#delta;
    this.#delta = undefined;
    if (delta !== undefined) this.#add({ type: 'event', time: new Date().toISOString(), event: delta });
  }

  #begin(prompt: string): void {
    this.#hasHeader = true;
    this.#push({ type: 'session', version: 1, id: this.id, time: new Date().toISOString(), title: titleOf(prompt) });
  }

  #add(record: SessionRecord): void {
    if (!this.#hasHeader) this.#begin('');
    this.#push(record);
  }

  #push(record: SessionRecord): void {
    this.#lines.push(`${JSON.stringify(record)}\n`);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#lines.length > 0) await this.#log.append(this.#lines.splice(0).join(''));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure ??= new SessionWriteError(`The session ${this.#log.name} cannot be written: ${reason}`, {
        cause: error,
      });
    }
  }
}

function titleOf(prompt: string): string {
  const line = prompt.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line;
}

export function createShelf(folder: string): EvidenceShelf {
  // Ids are generated by the store (E1, E2) and never come from a result.
  const path = (id: string): string => join(folder, `${id}.json`);
  return {
    put: (id, text) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(path(id), text, { mode: 0o600 });
    },
    take: (id) => {
      try {
        return readFileSync(path(id), 'utf8');
      } catch (error) {
        if (isCode(error, 'ENOENT')) return undefined;
        throw error;
      }
    },
  };
}
