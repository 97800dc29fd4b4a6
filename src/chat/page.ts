/** What the page of the chat view is made of. URIs and `cspSource` are VS Code's, of the webview it is for. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  readonly cspSource: string;
  /** New for every page, at least 128 random bits. */
  readonly nonce: string;
}

/**
 * The page that holds the chat. Nothing is fetched but our own script, style and icon font, and nothing inline runs.
 * The body is empty: all content comes by message.
 */
export function chatPage({ script, style, cspSource, nonce }: PageParts): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Switchboard</title>
    <link rel="stylesheet" href="${attribute(style)}">
  </head>
  <body>
    <switchboard-chat></switchboard-chat>
    <script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
  </body>
</html>`;
}

function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
