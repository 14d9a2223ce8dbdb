import type { Clock } from '@millrace/kernel/clock'

/** What checks that open connections may be made with. */
export interface NetworkOptions {
  /** Name servers, each an address with or without a port. @default the system's */
  readonly dnsServers?: readonly string[]
  /** @default '/etc/hosts' */
  readonly hostsFile?: string
  /** Certificates in PEM of those who are trusted in place of the usual ones. @default Node's, and those of `NODE_EXTRA_CA_CERTS` */
  readonly ca?: string | readonly string[]
  /** @default systemClock */
  readonly clock?: Clock
}
