import { describe, expect, it } from 'vitest';
import { proxyFor, proxySecrets } from '../../../../servers/contract/network/proxy-choice.ts';

const HTTPS_PROXY = 'http://proxy.example:3128';
const to = (address: string, variables: Record<string, string>) => proxyFor(new URL(address), variables)?.host;

describe('the proxy for an address', () => {
  it.each([
    ['https://a.example', { HTTPS_PROXY }, 'proxy.example:3128'],
    ['https://a.example', { https_proxy: 'http://lower.example:1', HTTPS_PROXY }, 'lower.example:1'],
    ['https://a.example', { https_proxy: '', HTTPS_PROXY }, 'proxy.example:3128'],
    ['https://a.example', { HTTPS_PROXY: 'proxy.example:3128' }, 'proxy.example:3128'],
    ['https://a.example', { ALL_PROXY: 'http://all.example:1' }, 'all.example:1'],
    ['https://a.example', { HTTP_PROXY: HTTPS_PROXY }, undefined],
    ['http://a.example', { HTTP_PROXY: HTTPS_PROXY }, 'proxy.example:3128'],
    ['http://a.example', { HTTPS_PROXY }, undefined],
    ['https://a.example', {}, undefined],
  ])('%s with %j', (address, variables, host) => {
    expect(to(address, variables)).toBe(host);
  });

  it.each([
    ['https://a.example', 'a.example'],
    ['https://b.a.example', 'a.example'],
    ['https://b.a.example', '.a.example'],
    ['https://b.a.example', '*.a.example'],
    ['https://a.example', 'x.test, A.EXAMPLE y.test'],
    ['https://a.example:8443', 'a.example:8443'],
    ['https://a.example', 'a.example:443'],
    ['https://10.1.2.3', '10.0.0.0/8'],
    ['https://[fd00::1]', 'fd00::/8'],
    ['https://[::1]:8443', '[::1]:8443'],
    ['https://[::1]', '::1'],
    ['https://a.example.', 'a.example'],
    ['https://a.example', '*'],
    ['https://a.example', 'x.test;a.example'],
    ['https://a.example', 'x.test|a.example'],
    ['https://a.example', '"a.example"'],
    ['https://a.example', 'https://a.example/'],
    ['https://10.1.2.3', '10.*'],
    ['https://10.1.2.3', '10.1.2.*'],
    ['https://intranet', '<local>'],
    ['https://bücher.example', 'bücher.example'],
  ])('%s uses no proxy with NO_PROXY=%s', (address, list) => {
    expect(to(address, { HTTPS_PROXY, NO_PROXY: list })).toBeUndefined();
    expect(to(address, { HTTPS_PROXY, no_proxy: list })).toBeUndefined();
  });

  it.each([
    ['https://nota.example', 'a.example'],
    ['https://a.example', 'b.a.example'],
    ['https://a.example', 'a.example:8443'],
    ['https://11.1.2.3', '10.0.0.0/8'],
    ['https://110.0.0.1', '10.0.0.1'],
    ['https://a.example', ''],
    ['https://110.1.2.3', '10.*'],
    ['https://10.example', '10.*'],
    ['https://a.example', '<local>'],
  ])('%s uses a proxy despite NO_PROXY=%s', (address, list) => {
    expect(to(address, { HTTPS_PROXY, NO_PROXY: list })).toBe('proxy.example:3128');
  });

  it('an empty no_proxy does not hide NO_PROXY', () => {
    expect(to('https://a.example', { HTTPS_PROXY, no_proxy: '', NO_PROXY: 'a.example' })).toBeUndefined();
  });

  it('an invalid one is reported by its variable, never by its value', () => {
    for (const value of ['ftp://me:secret-word@x', 'http://', 'socks5://me:secret-word@x:1', 'http://me:secret-word@'])
      expect(() => to('https://a.example', { HTTPS_PROXY: value })).toThrow(
        /^HTTPS_PROXY must be the address of an HTTP proxy/,
      );
  });

  it('has a password that is redacted, as written and decoded', () => {
    const variables = { HTTPS_PROXY: 'http://me:p%40ss@proxy.example:1', http_proxy: 'me:other@proxy.example' };
    expect(proxySecrets(variables)).toEqual(['p%40ss', 'p@ss', 'other', 'other']);
  });
});
