import { text, type RouteModule } from './route.ts';

/**
 * What a supervisor asks. Neither asks the database: a replica that cannot reach it must not be restarted for that.
 * @param isReady false while it starts, and from the moment it was told to stop.
 */
export function healthRoutes(isReady: () => boolean): RouteModule {
  return {
    routes: [
      { method: 'GET', path: '/livez', handle: () => Promise.resolve(text(200, 'ok')) },
      {
        method: 'GET',
        path: '/readyz',
        handle: () => Promise.resolve(isReady() ? text(200, 'ok') : text(503, 'not ready')),
      },
    ],
  };
}
