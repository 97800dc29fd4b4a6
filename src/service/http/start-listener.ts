import type { Address } from '../../../servers/kit/http/option.ts';
import { listen } from '../../../servers/kit/http/listen.ts';
import type { Log } from '../../../servers/kit/log.ts';
import { healthRoutes } from './health-routes.ts';
import type { RouteModule } from './route.ts';
import { createRouter } from './router.ts';

export interface Listener {
  /** `http://127.0.0.1:8080` */
  readonly origin: string;
  /** Is not ready from now on, answers what runs, and then waits for what each module still does, in their order. */
  readonly drain: () => Promise<void>;
}

/**
 * Serves the routes of all features.
 * @param mayBeBalanced whether a load balancer needs time to notice that this replica leaves.
 * @throws ConfigurationError for an address that cannot be used.
 */
export async function startListener(
  address: Address,
  modules: readonly RouteModule[],
  { log, mayBeBalanced }: { readonly log: Log; readonly mayBeBalanced: boolean },
): Promise<Listener> {
  let isReady = true;
  const router = createRouter([healthRoutes(() => isReady), ...modules], log);
  const listening = await listen(address, router, (refused) => log('warn', 'refused a request', refused));
  return {
    origin: listening.origin,
    drain: async () => {
      isReady = false;
      await listening.drain({ mayBeBalanced });
      for (const module of modules) await module.drain?.();
    },
  };
}
