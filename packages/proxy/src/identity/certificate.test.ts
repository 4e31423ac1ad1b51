import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openAuthority } from './authority.ts';
import { onlyUri, parseSpiffeId, spiffeId, spiffeIdOf } from './spiffe.ts';
import { integer, objectId, time } from './der.ts';
import { createIdentities } from './identities.ts';

describe('der', () => {
  it('writes numbers, object ids and times as X.690 has them', () => {
    expect(integer(Buffer.from([0, 0, 0x80])).toString('hex')).toBe('02020080');
    expect(integer(Buffer.from([0])).toString('hex')).toBe('020100');
    expect(objectId('1.2.840.113549').toString('hex')).toBe('06062a864886f70d');
    expect(time(new Date('2026-01-02T03:04:05.678Z')).toString()).toContain('260102030405Z');
    expect(time(new Date('2050-01-02T03:04:05Z')).toString()).toContain('20500102030405Z');
  });
});

describe('openAuthority', () => {
  it('issues what OpenSSL takes for a certificate of its own', () => {
    const authority = openAuthority();
    const root = new X509Certificate(authority.certificatePem);
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    const uri = spiffeId({ namespace: 'sdc', serviceAccount: 'http-lb' });
    const issued = authority.issue(uri, 3_600_000);
    const leaf = new X509Certificate(issued.certificatePem);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.subject).toBeFalsy();
    expect(spiffeIdOf(leaf)).toBe('spiffe://cluster.local/ns/sdc/sa/http-lb');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(Math.abs(Date.parse(leaf.validTo) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(new X509Certificate(authority.issue(uri, 1000).certificatePem).serialNumber).not.toBe(
      leaf.serialNumber,
    );
  });
});

describe('createIdentities', () => {
  it('keeps a certificate for half of its life', () => {
    let nowMs = Date.now();
    const now = () => nowMs;
    const identities = createIdentities({ authority: openAuthority({ now }), validMs: 1000, now });
    const account = { namespace: 'a', serviceAccount: '' };
    const first = identities.of(account);
    expect(first.id).toBe('spiffe://cluster.local/ns/a/sa/default');
    nowMs += 499;
    expect(identities.of(account)).toBe(first);
    nowMs += 1;
    expect(identities.of(account).certificatePem).not.toBe(first.certificatePem);
    identities.close();
  });
});

describe('SPIFFE ids', () => {
  it('are read as they are written, and nothing else is', () => {
    const account = { namespace: 'a', serviceAccount: 'b' };
    expect(parseSpiffeId(spiffeId(account))).toEqual({ ...account, trustDomain: 'cluster.local' });
    for (const bad of ['spiffe://a/ns/b/sa/', 'spiffe://a/ns/b/sa/c/d', 'http://a/ns/b/sa/c', ''])
      expect(parseSpiffeId(bad)).toBeUndefined();
  });

  it('are the one URI among the names of a certificate', () => {
    expect(onlyUri('DNS:a, URI:spiffe://x')).toBe('spiffe://x');
    expect(onlyUri('URI:spiffe://x, URI:spiffe://y')).toBeUndefined();
    expect(onlyUri('URI:"spiffe://x, URI:spiffe://y"')).toBeUndefined();
    expect(onlyUri(undefined)).toBeUndefined();
  });
});
