import { type Disposable, type OutputChannel, window } from 'vscode';
import { systems } from '../../../servers/contract/systems.ts';

/** Shows the redacted stderr of each server in its own output channel. */
export interface ServerLogs extends Disposable {
  readonly append: (server: string, line: string) => void;
  readonly show: (server: string) => void;
}

const titles: ReadonlyMap<string, string> = new Map(systems.map(({ id, title }) => [id, title]));

export function createServerLogs(): ServerLogs {
  const channels = new Map<string, OutputChannel>();
  const channelOf = (server: string): OutputChannel => {
    const known = channels.get(server);
    if (known !== undefined) return known;
    const channel = window.createOutputChannel(`Switchboard: ${titles.get(server) ?? server}`);
    channels.set(server, channel);
    return channel;
  };
  return {
    append: (server, line) => channelOf(server).appendLine(line),
    show: (server) => channelOf(server).show(),
    dispose: () => {
      for (const channel of channels.values()) channel.dispose();
    },
  };
}
