import type { ChatEvent } from '../../chat/chat-state.ts';
import type { Forecast } from '../../chat/vocabulary.ts';
import { dollars, tokens } from './quantity.ts';
import { known, t, term } from '../l10n.ts';

export interface Announcement {
  readonly text: string;
  /** Interrupts what a screen reader is saying. */
  readonly urgent: boolean;
}

/** What a screen reader announces for an event: steps and outcomes, never the streamed text. */
export function announcementOf(event: ChatEvent): Announcement | undefined {
  switch (event.type) {
    case 'run-started':
      return polite(event.resumed === true ? t('Continuing.') : `${t('Working on it.')}${expected(event.forecast)}`);
    case 'approval-requested': {
      const { preview, tool } = event;
      const where = preview === undefined ? '' : `, ${preview.destination.name}`;
      return { text: t('Approval needed: {0}.', `${term(tool.title)}${where}`), urgent: true };
    }
    case 'server-asked': {
      const { kind, server, problem } = event.question;
      const asks = kind === 'form' ? t('{0} asks a question', server) : t('{0} asks you to open a web page', server);
      return { text: problem === undefined ? `${asks}.` : known(problem), urgent: true };
    }
    case 'tool-call-finished':
      return polite(event.outcome === 'ok' ? event.summary : known(event.summary));
    case 'retry-scheduled':
      return polite(`${known(event.reason)}. ${t('Trying again in {0} seconds.', Math.ceil(event.delayMs / 1000))}`);
    case 'prompt-rejected':
      return { text: known(event.message), urgent: true };
    case 'run-finished':
      return { text: known(event.message), urgent: event.reason === 'failed' };
    default:
      return undefined;
  }
}

function expected(forecast: Forecast | undefined): string {
  if (forecast === undefined) return '';
  const cost = forecast.cost === undefined ? '' : `, ${dollars(forecast.cost)}`;
  return ` ${t('Estimated usage: {0} tokens{1}.', tokens(forecast.tokens), cost)}`;
}

function polite(text: string): Announcement {
  return { text, urgent: false };
}

/** The announcements for these events, without approvals that were already answered. */
export function spoken(events: readonly ChatEvent[], waiting: readonly string[]): readonly Announcement[] {
  return events
    .filter((event) => event.type !== 'approval-requested' || waiting.includes(event.id))
    .flatMap((event) => announcementOf(event) ?? []);
}
