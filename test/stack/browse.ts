/**
 * A browser with cookies and no scripts, and a person who signs in with the development pages of `oidc-provider`: follows
 * every redirect back to the client.
 * @returns the page there.
 */
export async function browse(
  start: URL,
  { login, refuses = false }: { readonly login: string; readonly refuses?: boolean },
): Promise<string> {
  const cookies = new Map<string, string>();
  let request: { url: URL; body?: URLSearchParams } = { url: start };
  for (let step = 0; step < 20; step += 1) {
    const response = await fetch(request.url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(request.body !== undefined && { method: 'POST', body: request.body }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      request = { url: new URL(location, request.url) };
      continue;
    }
    const page = await response.text();
    if (!response.ok) throw new Error(`${response.status} at ${request.url.pathname}: ${page.slice(0, 500)}`);
    const action = /<form[^>]*action="([^"]+)"/u.exec(page)?.[1];
    if (action === undefined) return page; // back at the client
    const abort = /href="([^"]+\/abort)"/u.exec(page)?.[1];
    if (refuses && abort !== undefined) {
      request = { url: new URL(abort, request.url) };
      continue;
    }
    const prompt = /name="prompt" value="([^"]+)"/u.exec(page)?.[1] ?? 'login';
    request = {
      url: new URL(action, request.url),
      body: new URLSearchParams({ prompt, login, password: 'x' }),
    };
  }
  throw new Error('The authorization server never came to an end.');
}
