import { chat, Disposable, lm, ThemeIcon } from 'vscode';
import type { Host } from '../host.ts';

/** Registers the participant and the tool. They load the host when they are first used. */
export function registerSurface(host: () => Promise<Host>): Disposable {
  const participant = chat.createChatParticipant('switchboard.agent', async (request, _context, stream, token) =>
    (await host()).participate(request, stream, token),
  );
  participant.iconPath = new ThemeIcon('plug');
  const tool = lm.registerTool<unknown>('switchboard_run_runbook', {
    prepareInvocation: async ({ input }) => (await host()).describeRunbook(input),
    invoke: async (options, token) => (await host()).runRunbookTool(options, token),
  });
  return Disposable.from(participant, tool);
}
