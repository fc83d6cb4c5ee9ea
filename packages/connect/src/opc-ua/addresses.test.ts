import { describe, expect, test } from 'vitest';
import { parseAddress } from './addresses.js';
import { opcUaConfig } from './config.js';

describe('addresses', () => {
  test('a node id names its namespace by uri', () => {
    expect(parseAddress('nsu=urn:a;s=x;y=z')).toEqual({ kind: 'node', uri: 'urn:a', id: 's=x;y=z' });
    expect(parseAddress('nsu=urn:a%3Bb%25;i=7')).toEqual({ kind: 'node', uri: 'urn:a;b%', id: 'i=7' });
    expect(parseAddress('i=2258')).toMatchObject({ uri: 'http://opcfoundation.org/UA/', id: 'i=2258' });
  });

  test('a namespace index is refused: it belongs to one session', () => {
    expect(() => parseAddress('ns=2;s=x')).toThrow(/nsu=/);
    expect(() => parseAddress('x')).toThrow(RangeError);
  });

  test('a browse path names the namespace of each step, and & stands before what a name holds', () => {
    expect(parseAddress('/Objects/{http://u/}a&/b/{v}c')).toEqual({
      kind: 'path',
      steps: [
        { uri: 'http://opcfoundation.org/UA/', name: 'Objects' },
        { uri: 'http://u/', name: 'a/b' },
        { uri: 'v', name: 'c' },
      ],
    });
    for (const wrong of ['/', '/Objects//x', '/Objects/{urn:a', '/Objects/']) {
      expect(() => parseAddress(wrong), wrong).toThrow(RangeError);
    }
  });
});

describe('configuration', () => {
  const endpoint = 'opc.tcp://h:4840';
  const faults = (config: object) =>
    opcUaConfig.safeParse(config).error?.issues.map(({ message }) => message) ?? [];

  test('no security is a fault unless somebody accepts it, and never with a password', () => {
    expect(faults({ endpoint })).toEqual([]);
    expect(faults({ endpoint, security: 'None' })).toEqual([expect.stringContaining('unsecured: accepted')]);
    expect(faults({ endpoint, security: 'None', unsecured: 'accepted' })).toEqual([]);
    const identity = { kind: 'password', user: 'u', password: 'p' };
    expect(faults({ endpoint, security: 'None', unsecured: 'accepted', identity })).toHaveLength(1);
    expect(faults({ endpoint: 'http://h' })).toEqual([expect.stringContaining('opc.tcp://')]);
  });
});
