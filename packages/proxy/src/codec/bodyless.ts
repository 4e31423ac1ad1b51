/** Answers that end with their head, whatever it says of a length (RFC 9112 §6.3). */
export const isBodyless = (method: string, status: number): boolean =>
  method === 'HEAD' || status === 204 || status === 304;
