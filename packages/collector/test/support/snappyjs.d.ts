// snappyjs brings no types; only the tests use it, as the other side of our own decoder.
declare module 'snappyjs' {
  const snappyjs: { compress(plain: Uint8Array): Uint8Array };
  export default snappyjs;
}
