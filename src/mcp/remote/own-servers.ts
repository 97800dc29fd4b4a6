import { remoteVariables, systemOf, systems, type SystemId } from '../../../servers/contract/systems.ts';
import { confined } from '../child/confinement.ts';
import { flawOfOwnUrl } from './remote-url.ts';
import { ownServerSpecs, type OAuthClient, type RemoteSpec, type ServerSpec, type Variables } from '../server-specs.ts';

/**
 * Our three servers, each on this machine or where the user says that it runs.
 * @param elsewhere those that the user's file says run elsewhere; they take precedence over the variables.
 */
export function placedServerSpecs(
  folder: string,
  variables: Variables,
  elsewhere: readonly RemoteSpec[] = [],
): readonly ServerSpec[] {
  const isRestricted = !/^(?:off|0|false|no)$/iu.test(variables['SWITCHBOARD_RESTRICT_SERVERS'] ?? '');
  return ownServerSpecs(folder, variables).map(
    (child): ServerSpec =>
      elsewhere.find(({ id }) => id === child.id) ??
      systems.flatMap(({ id }) => (id === child.id ? (ownRemoteSpec(id, variables) ?? []) : [])).at(0) ??
      (isRestricted ? confined(child) : { ...child, confinement: { kind: 'off', why: 'turned off' } }),
  );
}

/** One of our servers that runs elsewhere, as the user's settings say; undefined if it runs on this machine. */
export function ownRemoteSpec(id: SystemId, variables: Variables): RemoteSpec | undefined {
  const names = remoteVariables(id);
  const given = (name: string): string => variables[name]?.trim() ?? '';
  const url = given(names.url);
  if (url === '') return undefined;
  const token = given(names.token);
  const scopes = given(names.scopes).split(/[\s,]+/u);
  const oauth = {
    clientId: given(names.clientId),
    clientSecret: given(names.clientSecret),
    issuer: given(names.issuer),
  };
  return ownRemote(id, {
    url,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    ...(scopes.join('') !== '' && { scopes }),
    ...(oauth.clientId !== '' && { oauth: clientOf(oauth, scopes) }),
    flaw: flawOf(url, names, { ...oauth, token }),
  });
}

/** @param place where it runs, whoever said so. */
export function ownRemote(
  id: SystemId,
  place: Pick<RemoteSpec, 'url' | 'headers' | 'oauth' | 'scopes' | 'flaw'>,
): RemoteSpec {
  return {
    kind: 'remote',
    id,
    title: systemOf(id).title,
    transport: 'http',
    trusted: true,
    scopes: place.oauth?.scopes ?? [`${id}:read`, `${id}:write`],
    ...place,
  };
}

interface Given {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuer: string;
}

/** With a secret it is a machine, which signs in by itself. */
function clientOf({ clientId, clientSecret, issuer }: Given, scopes: readonly string[]): OAuthClient {
  return {
    clientId,
    ...(clientSecret !== '' && { clientSecret, issuer }),
    ...(scopes.join('') !== '' && { scopes }),
    grant: clientSecret === '' ? 'authorization_code' : 'client_credentials',
  };
}

function flawOf(
  url: string,
  names: ReturnType<typeof remoteVariables>,
  { clientId, clientSecret, issuer, token }: Given & { readonly token: string },
): string | undefined {
  const wrongUrl = flawOfOwnUrl(url);
  if (wrongUrl !== undefined) return `${names.url}: ${wrongUrl}`;
  if (/[^\x21-\x7E]/u.test(token)) return `${names.token}: must be one word of ASCII characters`;
  if (clientSecret === '') return undefined;
  if (clientId === '') return `${names.clientId} is not set: ${names.clientSecret} needs it`;
  if (issuer === '') return `${names.issuer} is not set: the secret is sent only to the issuer named there`;
  return undefined;
}
