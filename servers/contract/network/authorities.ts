import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';
import type { Variables } from './proxy-choice.ts';

/**
 * The authorities that connections trust: Node's own, the system's store, and the files that `NODE_EXTRA_CA_CERTS`,
 * `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Built once per process. Unreadable files are skipped.
 */
export function createAuthorities(variables: Variables): () => tls.SecureContext {
  let context: tls.SecureContext | undefined;
  return () => {
    context ??= tls.createSecureContext({ ca: [...ofNode(), ...ofFiles(variables)] });
    return context;
  };
}

/** Before Node 22.15, only the bundled ones. */
function ofNode(): readonly string[] {
  if (!Reflect.has(tls, 'getCACertificates')) return tls.rootCertificates;
  try {
    return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
  } catch {
    return tls.rootCertificates; // the system has no readable store
  }
}

const certificate = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/;

function ofFiles(variables: Variables): readonly string[] {
  const given = (name: string): readonly string[] =>
    (variables[name] ?? '').split(/[:;](?=[\\/])/).filter((path) => path !== '');
  const files = [
    variables['NODE_EXTRA_CA_CERTS'],
    variables['SSL_CERT_FILE'],
    ...given('SSL_CERT_DIR').flatMap(filesIn),
  ];
  return files.flatMap((file) => {
    const text = file === undefined || file === '' ? '' : readOr(file);
    return certificate.test(text) ? [text] : [];
  });
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
