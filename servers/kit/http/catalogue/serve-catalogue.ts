import type { ServerResponse } from 'node:http';
import { sendJson } from '../answers.ts';
import type { Catalogue } from './catalogue.ts';
import { cataloguePage, pageHeaders } from './page.ts';

/** @returns false for a path that is not the catalogue's. */
export type ServeCatalogue = (path: string, response: ServerResponse) => boolean;

const cached = { 'cache-control': 'max-age=300' };

/**
 * At `/catalogue` and `/catalogue.json`, and below the path of the server's public address. Like the metadata of the
 * resource, it needs no token: who has none reads here what to ask for, and it says nothing that the package does not.
 */
export function createServeCatalogue(url: () => string, catalogue: () => Catalogue): ServeCatalogue {
  let known: Catalogue | undefined;
  let page: Buffer | undefined;
  return (path, response) => {
    const base = new URL(url()).pathname.replace(/\/$/u, '');
    const name = ['/catalogue', '/catalogue.json'].find((each) => path === each || path === `${base}${each}`);
    if (name === undefined) return false;
    known ??= catalogue();
    if (name === '/catalogue.json') sendJson(response, 200, known, cached);
    else {
      page ??= Buffer.from(cataloguePage(known));
      response.writeHead(200, { ...pageHeaders, ...cached, 'content-length': page.length }).end(page);
    }
    return true;
  };
}
