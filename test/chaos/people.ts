import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Somebody who calls. Neighbours (0 and 1, 2 and 3, ...) use the same keys for the same calls. */
export interface Person {
  readonly name: string;
  readonly token: string;
  readonly pair: number;
  /** The only project that this person's group may use. */
  readonly project: string;
  /** A project of others. */
  readonly foreign: string;
}

export interface People {
  readonly people: readonly Person[];
  /** Variables of a server that knows them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly remove: () => Promise<void>;
}

const projects = ['ENG', 'HELP'] as const;

/** Half of them may use one project, half the other. */
export async function handOutTokens(count: number): Promise<People> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-chaos-'));
  const people = Array.from({ length: count }, (_, index): Person => {
    const pair = Math.floor(index / 2);
    return {
      name: `person-${index}`,
      token: createHash('sha256').update(`chaos ${index}`).digest('hex'),
      pair,
      project: projects[pair % 2] ?? projects[0],
      foreign: projects[(pair + 1) % 2] ?? projects[1],
    };
  });
  const lines = people.map(({ name, token, project }) => {
    const digest = createHash('sha256').update(token).digest('hex');
    return `${name} ${digest} jira:read,jira:write ${project}\n`;
  });
  const groups = projects.map((project) => `  ${project}: { projects: [${project}] }\n`);
  await writeFile(join(folder, 'tokens'), lines.join(''));
  await writeFile(join(folder, 'policy.yaml'), `groups:\n${groups.join('')}`);
  return {
    people,
    environment: {
      SWITCHBOARD_HTTP_TOKENS_FILE: join(folder, 'tokens'),
      SWITCHBOARD_HTTP_POLICY_FILE: join(folder, 'policy.yaml'),
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
