import { l10n } from 'vscode';
import { remoteVariables, systems as contractSystems, type SystemId } from '../../../servers/contract/systems.ts';
import { claude } from './definitions/claude.ts';
import type { Definition } from './definitions/definition.ts';
import { jira } from './definitions/jira.ts';
import { postgres } from './definitions/postgres.ts';
import { slack } from './definitions/slack.ts';
import { secretInput } from './input-checks.ts';

export interface System extends Definition {
  readonly id: 'claude' | SystemId;
  readonly title: string;
}

const definitions: Readonly<Record<SystemId, Definition>> = { postgres, jira, slack };

export const systems: readonly System[] = [
  { id: 'claude', title: 'Claude', ...claude },
  ...contractSystems.map(({ id, title }) => ({ id, title, ...orElsewhere(id, definitions[id]) })),
];

/** As the definition says, unless the settings say that the system's server runs elsewhere. */
function orElsewhere(id: SystemId, here: Definition): Definition {
  const token = remoteVariables(id).token;
  return {
    ...here,
    isConnected: (settings, secrets) => settings.remote[id] !== undefined || here.isConnected(settings, secrets),
    describe: (settings) => {
      const place = settings.remote[id];
      return place === undefined
        ? here.describe(settings)
        : l10n.t('runs at {0}', URL.parse(place.url)?.host ?? place.url);
    },
    // The server elsewhere has its own.
    places: (settings) => (settings.remote[id] === undefined ? here.places(settings) : []),
    questions: (settings, secrets) =>
      settings.remote[id] === undefined
        ? here.questions(settings, secrets)
        : [
            {
              key: token,
              prompt: l10n.t('Token for {0}. Leave empty to sign in with the browser.', settings.remote[id].url),
              ...secretInput(secrets[token], { optional: true }),
            },
          ],
    normalise: (answers) => here.normalise?.(answers) ?? answers,
    terms: { ...here.terms, [remoteVariables(id).url]: 'the setting switchboard.remote', [token]: 'the token' },
  };
}
