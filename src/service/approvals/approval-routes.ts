import * as z from 'zod';
import { json, text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import type { Visitor } from '../login/visitor.ts';
import type { Identify } from '../login/visitors.ts';
import { approvalPage, approvalPolicy } from './approval-page.ts';
import { giveAnswer, type GiveAnswerPorts } from './give-answer.ts';
import type { Person, WaitingWrite } from './waiting-write.ts';

export interface ApprovalRoutesOptions extends GiveAnswerPorts {
  readonly identify: Identify;
  /** Public address: forms of other pages are not taken. */
  readonly serviceUrl: string | undefined;
}

const answerSchema = z.object({
  decision: z.enum(['approved', 'denied']),
  /** Hash of what was shown. */
  digest: z.string().regex(/^[0-9a-f]{64}$/u),
});
type GivenAnswer = z.infer<typeof answerSchema>;

/** A program that may read for a person, or call tools for them, may not approve in their name. */
const scope = 'approvals:write';

/** Waiting writes for the people who are named, by the verified address in their login: as pages, and as JSON for programs. */
export function approvalRoutes(options: ApprovalRoutesOptions): RouteModule {
  const { store, identify } = options;

  const list = async (call: Call): Promise<Answer> => {
    const visit = await identify(call);
    if (visit.kind === 'refused') return visit.answer;
    const waiting = (await store.waiting()).filter(({ people }) => people.some(isVisitor(visit.visitor)));
    return json(200, { approvals: waiting.map(describe) });
  };

  const show = async (call: Call): Promise<Answer> => {
    const found = await find(call);
    if ('answer' in found) return found.answer;
    const isPage = call.request.headers.authorization === undefined;
    return isPage ? document(approvalPage(found.write, true)) : json(200, describe(found.write));
  };

  const answer = async (call: Call): Promise<Answer> => {
    const isProgram = call.request.headers.authorization !== undefined;
    // A form of another page would come with the cookie of whoever sees that page.
    if (!isProgram && !isOwnForm(call, options.serviceUrl)) return text(403, 'This form is not of this service.');
    const found = await find(call);
    if ('answer' in found) return found.answer;
    if (isProgram && !mayAnswer(found.visitor))
      return json(403, { error: `It needs a token with the scope ${scope}.` });
    const given = isProgram ? readJson(call) : readForm(call);
    if (given === undefined) return text(400, 'There is no decision and hash in this.');
    const { visitor, write } = found;
    const result = await giveAnswer(
      {
        ...given,
        id: write.id,
        isPerson: isVisitor(visitor),
        subject: visitor.subject,
        from: isProgram ? 'an editor' : 'a browser',
        nonce: undefined,
      },
      options,
    );
    const status = result.kind === 'given' ? 200 : 409;
    if (isProgram) return json(status, result.kind === 'given' ? describe(result.write) : { error: result.why });
    if (result.kind === 'refused') return text(409, result.why);
    return document(approvalPage(result.write, true));
  };

  /** Those who are not named learn nothing, not even whether it exists. */
  const find = async (
    call: Call,
  ): Promise<{ readonly answer: Answer } | { readonly visitor: Visitor; readonly write: WaitingWrite }> => {
    const visit = await identify(call);
    if (visit.kind === 'refused') return visit;
    const write = await store.find(call.parameters['id'] ?? '');
    const isNamed = write?.people.some(isVisitor(visit.visitor)) === true;
    if (write === undefined || !isNamed) return { answer: text(404, 'There is no such question for you.') };
    return { visitor: visit.visitor, write };
  };

  return {
    routes: [
      { method: 'GET', path: '/approvals', handle: list },
      { method: 'GET', path: '/approvals/:id', handle: show },
      { method: 'POST', path: '/approvals/:id', handle: answer },
    ],
  };
}

function isVisitor({ email }: Visitor): (person: Person) => boolean {
  return (person) =>
    email !== undefined && person.email !== undefined && person.email.toLowerCase() === email.toLowerCase();
}

function mayAnswer({ scopes }: Visitor): boolean {
  return scopes !== 'all' && scopes.has(scope);
}

/** A browser says where a form comes from; one that does not say is refused. */
function isOwnForm({ request }: Call, serviceUrl: string | undefined): boolean {
  return serviceUrl !== undefined && request.headers.origin === new URL(serviceUrl).origin;
}

function readForm({ request, body }: Call): GivenAnswer | undefined {
  if (!/^application\/x-www-form-urlencoded\b/iu.test(request.headers['content-type'] ?? '')) return undefined;
  return answerSchema.safeParse(Object.fromEntries(new URLSearchParams(body.toString('utf8')))).data;
}

function readJson({ body }: Call): GivenAnswer | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(body.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** All that a card needs. */
function describe({ id, session, run, title, request, digest, people, created, expires, state, answer }: WaitingWrite) {
  const names = people.map(({ name }) => name);
  return { id, session, run, title, request, digest, people: names, created, expires, state, answer };
}

function document(body: string): Answer {
  return {
    status: 200,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': approvalPolicy,
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'same-origin',
    },
  };
}
