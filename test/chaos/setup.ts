import { startJira, type JiraStandIn } from '../stack/jira/index.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { handOutTokens, type Person } from './people.ts';
import { newTally, type Tally } from './workload.ts';
import { quota } from './verdict.ts';

export interface Scene {
  readonly jira: JiraStandIn;
  readonly fleet: Fleet;
  readonly people: readonly Person[];
  readonly tally: Tally;
  readonly stop: () => Promise<void>;
}

/** Replicas of the Jira server behind nginx, with one state database, and people with tokens of their own. */
export async function setScene(stateUrl: string, replicas: number, persons: number): Promise<Scene> {
  const jira = await startJira({ flavour: 'data-center' });
  const { people, environment, remove } = await handOutTokens(persons);
  const fleet = await startFleet(replicas, {
    server: 'jira',
    stateUrl,
    environment: {
      JIRA_URL: jira.url,
      JIRA_PAT: jira.token,
      // With it, a replica that is told to end goes on for a while, as behind a load balancer.
      SWITCHBOARD_HTTP_URL: 'http://127.0.0.1/mcp',
      SWITCHBOARD_RATE_LIMITS: `create_jira_ticket=off,add_jira_comment=${quota}/1d`,
      ...environment,
    },
  });
  return {
    jira,
    fleet,
    people,
    tally: newTally(),
    stop: async () => {
      await fleet.stop();
      await jira.stop();
      await remove();
    },
  };
}
