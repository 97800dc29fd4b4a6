import * as z from 'zod';
import type { ApprovalRequest } from '../../agent/approval.ts';
import { approvalDigest } from '../../agent/approval-digest.ts';
import { approvedBytes } from '../../../servers/contract/approved-bytes.ts';
import { runEventSchema } from '../../sessions/event-schema.ts';

export type ApprovalState = 'waiting' | 'approved' | 'denied' | 'withdrawn' | 'expired';

const personSchema = z.object({ slack: z.string(), name: z.string(), email: z.string().optional() });

/** Who may answer. */
export type Person = z.infer<typeof personSchema>;

/** Where an answer may come from. */
export type Place = 'Slack' | 'an editor' | 'a browser';

export interface GivenAnswer {
  readonly who: string;
  readonly from: string;
  readonly time: Date;
  /** The hash of what this person was shown. */
  readonly digest: string;
}

/** A write of a run that has no person at its desk, as it is in the state database. */
export interface WaitingWrite {
  readonly id: string;
  readonly session: string;
  readonly run: string;
  /** What the run is for. */
  readonly title: string;
  readonly request: ApprovalRequest;
  /** Hash of tool, arguments and preview: of everything that the card shows. */
  readonly digest: string;
  readonly people: readonly Person[];
  /** Id of the channel or person in Slack that is asked. */
  readonly place: string;
  readonly created: Date;
  readonly expires: Date;
  readonly state: ApprovalState;
  readonly answer: GivenAnswer | undefined;
  readonly posted: { readonly channel: string; readonly message: string } | undefined;
  /** Makes the buttons of a posted message valid; undefined until it is posted. */
  readonly nonce: string | undefined;
}

/** The hash of what is stored now, whatever the stored hash says. */
export function digestOf({ tool, arguments: input, preview }: ApprovalRequest): string {
  return approvalDigest(tool.name, input, preview);
}

/** What a server compares before it sends; undefined without a preview, and then nothing can be approved elsewhere. */
export function bytesOf({ preview }: ApprovalRequest): string | undefined {
  return preview === undefined ? undefined : approvedBytes(preview);
}

/** As JSON, without what only a model reads. */
export function writeRequest(request: ApprovalRequest): string {
  const tool = { ...request.tool, description: '', inputSchema: {} };
  return JSON.stringify({ type: 'approval-requested', ...request, tool });
}

const rowSchema = z.object({
  id: z.string(),
  session: z.string(),
  run: z.string(),
  title: z.string(),
  request: z.string(),
  digest: z.string(),
  people: z.array(personSchema),
  place: z.string(),
  created: z.date(),
  expires: z.date(),
  state: z.enum(['waiting', 'approved', 'denied', 'withdrawn', 'expired']),
  answered: z.date().nullable(),
  answered_by: z.string().nullable(),
  answered_from: z.string().nullable(),
  answered_digest: z.string().nullable(),
  channel: z.string().nullable(),
  message: z.string().nullable(),
  nonce: z.string().nullable(),
});

/** @throws where the row cannot be read: nothing is approved then. */
export function readRow(row: unknown): WaitingWrite {
  const { request, answered, answered_by: who, answered_from: from, answered_digest, ...rest } = rowSchema.parse(row);
  const event = runEventSchema.parse(JSON.parse(request));
  if (event.type !== 'approval-requested') throw new TypeError(`approval ${rest.id} holds no request`);
  const { type: _, ...asked } = event;
  const { channel, message, nonce, ...facts } = rest;
  return {
    ...facts,
    request: asked,
    answer:
      answered === null || who === null || from === null || answered_digest === null
        ? undefined
        : { who, from, time: answered, digest: answered_digest },
    posted: channel === null || message === null ? undefined : { channel, message },
    nonce: nonce ?? undefined,
  };
}
