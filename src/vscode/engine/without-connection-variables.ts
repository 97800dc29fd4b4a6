import { isSystemVariable } from '../../../servers/contract/systems.ts';
import type { Variables } from '../../settings.ts';

/** The environment without connection variables, because connections come only from settings and secrets; traces, too. */
export function inheritable(environment: Variables): Variables {
  const others = /^(?:DATABASE|PG|ANTHROPIC_|SWITCHBOARD_|VAULT_|AWS_|OTEL_)/u;
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !others.test(name) && !isSystemVariable(name)),
  );
}
