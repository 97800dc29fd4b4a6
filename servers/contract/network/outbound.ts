import type { Outbound, Route } from './route.ts';
import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { createAuthorities } from './authorities.ts';
import { ProxyRefusedError } from './faults.ts';
import { proxyFor, type Variables } from './proxy-choice.ts';
import { sendAsFetch } from './send-as-fetch.ts';

export function createOutbound(variables: Variables): Outbound {
  const authorities = createAuthorities(variables);
  const routes = new Map<string, Route>();
  const route: Outbound['route'] = (url, { keepAlive }) => {
    const proxy = proxyFor(url, variables);
    const key = `${url.protocol} ${String(keepAlive)} ${proxy?.href ?? ''}`;
    const known = routes.get(key);
    if (known !== undefined) return known;
    const made = makeRoute(url, proxy, keepAlive);
    // An agent without keep-alive is for one request.
    if (keepAlive) routes.set(key, made);
    return made;
  };

  function makeRoute(url: URL, proxy: URL | undefined, keepAlive: boolean): Route {
    const isSecure = url.protocol === 'https:';
    const trust = isSecure || proxy?.protocol === 'https:' ? { secureContext: authorities() } : {};
    if (proxy === undefined) {
      const agent = isSecure ? new HttpsAgent({ keepAlive, ...trust }) : new HttpAgent({ keepAlive });
      return { agent, watch: () => undefined };
    }
    if (!isSecure) return { agent: new HttpProxyAgent(proxy, { keepAlive, ...trust }), watch: failOn407(proxy) };
    const agent = new HttpsProxyAgent(proxy, { keepAlive, ...trust });
    Object.assign(agent.options, trust);
    return { agent, watch: failUnlessConnected(proxy) };
  }

  return {
    route,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.protocol === 'http:' && proxyFor(url, variables) === undefined) return fetch(input, init);
      return sendAsFetch(new Request(input, init), route);
    },
  };
}

function failUnlessConnected(proxy: URL): Route['watch'] {
  return (request) => {
    request.once('proxyConnect', ({ statusCode = 0 }: { statusCode?: number }) => {
      if (statusCode !== 200) request.destroy(new ProxyRefusedError(proxy.host, statusCode));
    });
  };
}

function failOn407(proxy: URL): Route['watch'] {
  return (request) => {
    request.prependOnceListener('response', ({ statusCode }: IncomingMessage) => {
      if (statusCode === 407) request.destroy(new ProxyRefusedError(proxy.host, 407));
    });
  };
}
