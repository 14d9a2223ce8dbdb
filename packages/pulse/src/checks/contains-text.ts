/** Whether a body contains a text, compared byte by byte. */
export function containsText(body: Uint8Array, text: string): boolean {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(text)
}

export const DOES_NOT_CONTAIN = 'the body does not contain what it should'
