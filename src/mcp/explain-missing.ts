import { factsOfTool } from '../../servers/contract/tool-facts.ts';
import type { Hub } from './hub.ts';

/** The servers' own reasons, for the person who has to fix it. */
export function explainMissing(hub: Hub, plainName: string): { code: string; message: string } {
  const id = factsOfTool(plainName)?.server;
  const view = hub.states().find((server) => server.id === id);
  if (view?.state.status === 'failed') return { code: view.state.code, message: view.state.reason };
  return { code: 'not_allowed', message: `it is turned off, or ${view?.title ?? 'its server'} does not offer it.` };
}
