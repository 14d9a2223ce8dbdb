import { isLoopback } from '../../config/intents-settings.ts'

/**
 * Whether a request may be meant for a server of this machine alone: its `Host` is one of this machine's names. A page of another
 * site that has its own name resolve to this machine could otherwise write, for its browser takes the two for one.
 */
export function isOwnHost(host: string | undefined): boolean {
  return host !== undefined && URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname)
}
