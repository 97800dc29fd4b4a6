import type { HostMessage, WebviewMessage } from '../chat/messages.ts';

declare global {
  /** Provided by VS Code. Can be called only once per page. */
  function acquireVsCodeApi(): {
    postMessage: (message: unknown) => void;
    getState: () => unknown;
    setState: (state: unknown) => void;
  };
}

const { postMessage: send, getState, setState } = acquireVsCodeApi();

type Fields = Readonly<Record<string, unknown>>;

/** The minimum that each message must contain so that the panel does not fail. */
const shapes: Record<HostMessage['type'], (message: Fields) => boolean> = {
  state: ({ state, sequence }) => isObject(state) && Array.isArray(state['runs']) && typeof sequence === 'number',
  events: ({ events, sequence }) => Array.isArray(events) && events.every(isObject) && typeof sequence === 'number',
  context: ({ chips }) => Array.isArray(chips) && chips.every(isObject),
  attached: ({ chips }) => Array.isArray(chips) && chips.every(isObject),
  questions: ({ questions }) => Array.isArray(questions),
  connections: ({ model, servers }) => isObject(model) && Array.isArray(servers) && servers.every(isObject),
  'insert-prompt': ({ text }) => typeof text === 'string',
  focus: () => true,
  timeline: ({ run, timeline }) => typeof run === 'string' && isObject(timeline),
  completions: ({ items, query }) => Array.isArray(items) && items.every(isObject) && typeof query === 'string',
  'evidence-rows': ({ id, query, rows }) => typeof id === 'string' && isObject(query) && Array.isArray(rows),
  'evidence-detail': ({ id, detail }) => typeof id === 'string' && isObject(detail),
  'edit-checked': ({ requestId, claims }) => typeof requestId === 'string' && Array.isArray(claims),
  notice: ({ message }) => typeof message === 'string',
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

/** The parent frame also carries messages from VS Code. Ours are always well formed, so ignore everything else. */
function isHostMessage(value: unknown): value is HostMessage {
  return isObject(value) && Object.entries(shapes).some(([type, fits]) => type === value['type'] && fits(value));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** The draft. It survives hiding and reloading the view. */
export function loadDraft(): string {
  const state = getState();
  const draft = typeof state === 'object' && state !== null && 'draft' in state ? state.draft : '';
  return typeof draft === 'string' ? draft : '';
}

export function saveDraft(draft: string): void {
  setState({ draft });
}
