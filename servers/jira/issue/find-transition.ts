import { ToolError } from '../../kit/errors.ts';
import type { JiraApi } from '../client/jira-api.ts';
import type { Transition } from '../client/response-schemas.ts';

export function statusAfter(transition: Transition): string {
  return transition.to?.name ?? transition.name;
}

/** By name of the transition or its target status, or by id. @throws ToolError that lists the available transitions. */
export async function findTransition(key: string, status: string, wanted: string, api: JiraApi): Promise<Transition> {
  const transitions = await api.transitions(key);
  const same = (text: string | undefined) => text?.toLowerCase() === wanted.toLowerCase();
  const byName = transitions.filter(({ id, name }) => id === wanted || same(name));
  const byStatus = byName.length > 0 ? byName : transitions.filter(({ to }) => same(to?.name));
  const [only, ...others] = byStatus.length === 0 && same('close') ? closing(transitions) : byStatus;
  const possible = transitions.map((transition) => `${transition.name} (to ${statusAfter(transition)})`).join(', ');
  if (only === undefined)
    throw new ToolError(
      'invalid_arguments',
      `'transition': ${key} is ${status} and has no transition “${wanted}” from there.`,
      {
        hint: possible === '' ? 'The account is not allowed to move this issue.' : `Possible: ${possible}.`,
      },
    );
  if (others.length > 0)
    throw new ToolError('invalid_arguments', `'transition': several transitions lead to “${wanted}”.`, {
      hint: `Possible: ${possible}.`,
    });
  return only;
}

/** The one that ends the work: rather one that says it was not done. */
function closing(transitions: readonly Transition[]): readonly Transition[] {
  const ends = transitions.filter(({ to }) => to?.statusCategory?.key === 'done');
  const chosen = ends.find(({ name, to }) => notDone.test(`${name} ${to?.name}`)) ?? ends[0];
  return chosen === undefined ? [] : [chosen];
}

const notDone = /\b(?:won.?t|cancel|declin|reject|invalid|withdr|obsolete)/iu;
