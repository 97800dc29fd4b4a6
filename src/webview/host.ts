import type { HostMessage, WebviewMessage } from '../chat/messages.ts';

declare global {
  /** Given by VS Code; may be called once a page. */
  function acquireVsCodeApi(): {
    postMessage: (message: unknown) => void;
    getState: () => unknown;
    setState: (state: unknown) => void;
  };
}

const { postMessage: send, getState, setState } = acquireVsCodeApi();

const types: Record<HostMessage['type'], true> = {
  state: true,
  events: true,
  context: true,
  connections: true,
  'insert-prompt': true,
  focus: true,
  notice: true,
};

export function post(message: WebviewMessage): void {
  send(message);
}

export function onHostMessage(listener: (message: HostMessage) => void): () => void {
  const handle = ({ data }: MessageEvent<unknown>): void => {
    if (isHostMessage(data)) listener(data);
  };
  window.addEventListener('message', handle);
  return () => {
    window.removeEventListener('message', handle);
  };
}

/** The frame above is VS Code and our host, which makes well-formed messages; anything else there is not for us. */
function isHostMessage(value: unknown): value is HostMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    Object.hasOwn(types, value.type)
  );
}

/** What the person had typed: survives hiding and reloading the view. */
export function loadDraft(): string {
  const state = getState();
  const draft = typeof state === 'object' && state !== null && 'draft' in state ? state.draft : '';
  return typeof draft === 'string' ? draft : '';
}

export function saveDraft(draft: string): void {
  setState({ draft });
}
