import { describeIssue } from '../../agent/yaml.ts';
import { withOrigin, type OriginatedGrant } from '../../agent/policy/grants.ts';
import { namedGrantSchema } from '../../agent/policy/policy-file.ts';

export interface SettingsGrants {
  readonly grants: readonly OriginatedGrant[];
  /** One line for each mistake. An invalid grant grants nothing. */
  readonly problems: readonly string[];
}

/** Parses `switchboard.grants` as strictly as a policy file: unknown keys, tools and requirements are mistakes. */
export function readGrants(given: readonly unknown[]): SettingsGrants {
  const problems: string[] = [];
  const grants = given.flatMap((value, index) => {
    const parsed = namedGrantSchema.safeParse(value, { reportInput: true });
    if (parsed.success) return [withOrigin(parsed.data, 'settings')];
    for (const { path, message } of parsed.error.issues.flatMap(describeIssue))
      problems.push(`${[`switchboard.grants[${index}]`, ...path].join('.')}: ${message}`);
    return [];
  });
  return { grants, problems };
}
