// X.509 certificates over ECDSA P-256 (RFC 5280), in the two profiles that the mesh has: its own
// authority, and programs known by a SPIFFE id. Written here because a library for it brings twenty
// packages and changes global objects; made of bytes that tests hold against OpenSSL.

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  bits,
  der,
  integer,
  objectId,
  octets,
  sequence,
  set,
  tagged,
  text,
  time,
  truth,
} from './der.ts';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface Subject {
  /** '' for none, as SPIFFE has it. */
  readonly organization: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface Issuer {
  readonly organization: string;
  readonly keys: KeyPair;
}

export function generateKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** The certificate of an authority, signed by itself, as PEM. */
export function authorityCertificate(issuer: Issuer, from: Date, until: Date): string {
  return certificate(
    {
      organization: issuer.organization,
      publicKey: issuer.keys.publicKey,
      notBefore: from,
      notAfter: until,
    },
    issuer,
    [
      extension('2.5.29.19', true, sequence(truth(), integer(Buffer.from([0])))), // an authority of leaves only
      extension('2.5.29.15', true, der(0x03, Buffer.from([1, 0b0000_0110]))), // keyCertSign, cRLSign
      subjectKeyId(issuer.keys.publicKey),
    ],
  );
}

/** A certificate for both sides of TLS whose one name is a URI, as PEM. */
export function workloadCertificate(
  subject: Subject & { readonly uri: string },
  issuer: Issuer,
): string {
  const name = der(0x86, Buffer.from(subject.uri, 'latin1'));
  const usages = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'].map(objectId);
  return certificate(subject, issuer, [
    extension('2.5.29.15', true, der(0x03, Buffer.from([7, 0b1000_0000]))), // digitalSignature
    extension('2.5.29.37', false, sequence(...usages)),
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.35', false, sequence(der(0x80, keyId(issuer.keys.publicKey)))),
    subjectKeyId(subject.publicKey),
    extension('2.5.29.17', subject.organization === '', sequence(name)),
  ]);
}

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));

function certificate(subject: Subject, issuer: Issuer, extensions: readonly Buffer[]): string {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40; // positive, and always 16 bytes
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ECDSA_SHA256,
    distinguishedName(issuer.organization),
    sequence(time(subject.notBefore), time(subject.notAfter)),
    distinguishedName(subject.organization),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.keys.privateKey);
  return pem(sequence(body, ECDSA_SHA256, bits(signature)));
}

function distinguishedName(organization: string): Buffer {
  if (organization === '') return sequence();
  return sequence(set(sequence(objectId('2.5.4.10'), text(organization))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [truth()] : []), octets(value));
}

function subjectKeyId(key: KeyObject): Buffer {
  return extension('2.5.29.14', false, octets(keyId(key)));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
