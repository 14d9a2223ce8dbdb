/** What the system says when this process, or this machine, has run out of something. */
const OWN_FAULTS: Readonly<Record<string, string>> = {
  EMFILE: 'no file descriptor is free here',
  ENFILE: 'no file descriptor is free on this machine',
  EADDRNOTAVAIL: 'no local port is free here',
  ENOBUFS: 'no buffer is free here',
  ENOMEM: 'no memory is free here',
  EAGAIN: 'no process is free here',
}

/** Why an error says nothing of the target, or undefined if it does. */
export function ownFault(error: unknown): string | undefined {
  return OWN_FAULTS[codeOf(error) ?? '']
}

/** The code of a system's error, or undefined if it has none. */
export function codeOf(error: unknown): string | undefined {
  const { code }: { code?: unknown } = Object(error)
  return typeof code === 'string' ? code : undefined
}
