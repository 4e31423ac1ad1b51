// A rule of Snort's language after it was read: what it looks at, and what it says.
// https://docs.snort.org/rules/ and Snort 2.9's manual, chapter 3.

import type { RE2JS } from 're2js';
import type { AddressSet } from './address-set.ts';
import type { PortSet } from './port-set.ts';

/** A part of a request, as text of which each character is a byte; `field:NAME` is one header's value. */
export type BufferName =
  | 'pkt'
  | 'uri'
  | 'rawUri'
  | 'method'
  | 'version'
  | 'requestLine'
  | 'header'
  | 'cookie'
  | 'clientBody'
  | `field:${string}`;

export interface Content {
  readonly kind: 'content';
  readonly buffer: BufferName;
  readonly negated: boolean;
  /** Lower case when `nocase`. */
  readonly pattern: string;
  readonly nocase: boolean;
  /** Counts from the end of the last match in the same buffer, else from the buffer's start. */
  readonly relative: boolean;
  /** Bytes from there to where the window begins. */
  readonly from: number;
  /** Bytes of the window in which the whole pattern has to lie; undefined: to the end. */
  readonly length: number | undefined;
  /** The match has to end where the buffer ends. */
  readonly atEnd: boolean;
}

export interface Pcre {
  readonly kind: 'pcre';
  readonly buffer: BufferName;
  readonly negated: boolean;
  readonly regex: RE2JS;
  readonly relative: boolean;
  /** Flag A: only where the search begins. */
  readonly anchored: boolean;
}

export interface IsDataAt {
  readonly kind: 'isdataat';
  readonly buffer: BufferName;
  readonly negated: boolean;
  readonly relative: boolean;
  readonly sizeBytes: number;
}

export interface Size {
  readonly kind: 'size';
  readonly buffer: BufferName;
  readonly leastBytes: number;
  readonly mostBytes: number;
}

export type Check = Content | Pcre | IsDataAt | Size;

export interface Rate {
  readonly type: 'limit' | 'threshold' | 'both' | 'detection_filter';
  readonly track: 'by_src' | 'by_dst';
  readonly count: number;
  readonly seconds: number;
}

export interface RuleEnd {
  readonly addresses: AddressSet;
  readonly ports: PortSet;
}

export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Rule {
  /** `pass`: no rule raises an alert for the request. */
  readonly action: 'alert' | 'pass';
  readonly protocol: string;
  readonly source: RuleEnd;
  readonly destination: RuleEnd;
  readonly bothWays: boolean;
  readonly msg: string;
  readonly gid: number;
  readonly sid: number;
  readonly rev: number;
  readonly classtype: string;
  readonly priority: number;
  readonly references: readonly string[];
  readonly rate: Rate | undefined;
  /** In the rule's order. */
  readonly checks: readonly Check[];
  /** The content that the rule asked to be looked for first. */
  readonly fast: Content | undefined;
  readonly at: Position;
}

/** A rule or directive that is not in force, and why. */
export interface Refusal extends Position {
  /** 0 when it could not be read. */
  readonly sid: number;
  readonly message: string;
}
