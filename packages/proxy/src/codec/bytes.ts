// What bytes may stand where in an HTTP/1.1 head (RFC 9110 §5).

export const CR = 0x0d;
export const LF = 0x0a;
export const SPACE = 0x20;
export const TAB = 0x09;
export const COLON = 0x3a;

/** 1 for the characters of a token: names of headers, methods. */
export const TOKEN = table((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)));

/** 1 for the characters of a header's value: no control characters but the tab. */
export const VALUE = table((code) => code === TAB || (code >= SPACE && code !== 0x7f));

/** 1 for the characters of a request target: printable ASCII. */
export const TARGET = table((code) => code > SPACE && code < 0x7f);

/** The value of a hexadecimal digit, -1 for anything else. */
export const HEX = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return code < 128 ? digit : -1;
});

function table(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0));
}
