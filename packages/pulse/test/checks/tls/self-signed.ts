import { generateKeyPairSync, sign } from 'node:crypto'

export interface SelfSignedOptions {
  /** Names it is for. @default ['localhost'] */
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter: Date
}

/** A key, and a certificate that is signed by it: PEM. Made by hand from the little of DER (X.690) and X.509 (RFC 5280) that it takes. */
export function selfSigned({ names = ['localhost'], notBefore = new Date(0), notAfter }: SelfSignedOptions): {
  readonly key: string
  readonly cert: string
} {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
  const name = sequence(tag(0x31, sequence(oid('550403'), tag(0x0c, Buffer.from(names[0]!)))))
  const altNames = sequence(...names.map((each) => tag(0x82, Buffer.from(each))))
  const extension = sequence(oid('551d11'), tag(0x04, altNames))
  const toBeSigned = sequence(
    tag(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(0xa3, sequence(extension)),
  )
  const signature = tag(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey))
  const cert = sequence(toBeSigned, ecdsaWithSha256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}

function tag(number: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([number, ...size]), content])
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return tag(0x30, ...contents)
}

function oid(hex: string): Buffer {
  return tag(0x06, Buffer.from(hex, 'hex'))
}

function integer(value: number): Buffer {
  return tag(0x02, Buffer.from([value]))
}

/** GeneralizedTime: `20300101000000Z`. */
function time(date: Date): Buffer {
  return tag(0x18, Buffer.from(`${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`))
}
