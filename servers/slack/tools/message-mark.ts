import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import type { Channel } from '../channels.ts';
import { messageText } from '../format/message-to-text.ts';
import {
  callOptions,
  channelInput,
  type Context,
  destinationOf,
  messageAt,
  messageTs,
  requireScope,
  requireTs,
} from './write-helpers.ts';

/** What names the message that a reaction or a pin is put on. */
export const markInput = { channel: channelInput, ts: messageTs.optional() };

interface Marked {
  readonly channel: string;
  readonly ts?: string | undefined;
}

/** @throws ToolError for a message that is not there, or may not be written to. */
async function findPlace(input: Marked, context: Context): Promise<{ channel: Channel; ts: string }> {
  const channel = await context.connection.channelToWrite(input.channel, callOptions(context));
  return { channel, ts: requireTs(input.ts, input.channel, 'ts') };
}

/** The part of a preview that says which message it is. */
export async function previewMark(input: Marked, scope: string, context: Context) {
  await requireScope(scope, context);
  const { channel, ts } = await findPlace(input, context);
  const message = await messageAt(channel, ts, context);
  const names = await context.connection.people.namesOf([message.user ?? ''], callOptions(context));
  return {
    channel,
    ts,
    text: messageText(message, names).slice(0, 500),
    rest: { destination: destinationOf(channel), warnings: [], duplicates: [], linkHosts: [], mentions: [] },
  };
}

interface Mark {
  readonly effect: string;
  readonly method: 'reactions.add' | 'reactions.remove' | 'pins.add' | 'pins.remove';
  readonly more?: Readonly<Record<string, string>>;
  /** Slack's error codes when the message is already in the requested state. */
  readonly alreadySo: readonly string[];
  readonly whereToLook: (channel: Channel) => string;
}

/**
 * Sends it. It may be sent again: a mark that is there stays as it is.
 * @returns `changed`: false if the message was already so, and there is nothing to undo. An entry of the ledger without
 *   it is from a version that did not record it.
 */
export async function putMark(
  input: Marked,
  mark: Mark,
  context: Context,
): Promise<{ channel: Channel; ts: string; changed: boolean }> {
  const { channel, ts } = await findPlace(input, context);
  const call = { channel: channel.id, timestamp: ts, ...mark.more };
  const { changed } = await context.effect({
    name: mark.effect,
    result: z.object({ changed: z.boolean().default(false) }),
    send: async () => {
      const options = { ...callOptions(context), write: true };
      try {
        await context.connection.client.call(mark.method, call, z.object({}), options);
        return { changed: true };
      } catch (error) {
        if (error instanceof ToolError && mark.alreadySo.includes(String(error.details?.['slack'])))
          return { changed: false };
        throw error;
      }
    },
    find: 'repeatable',
    whereToLook: mark.whereToLook(channel),
  });
  return { channel, ts, changed };
}
