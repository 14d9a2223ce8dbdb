import type { CheckKind } from './check.ts'
import { dnsCheck } from './dns/dns-check.ts'
import { dockerCheck } from './docker/docker-check.ts'
import { heartbeatCheck } from './heartbeat/heartbeat-check.ts'
import type { Heartbeats } from './heartbeat/heartbeats.ts'
import { createHttpCheck } from './http/http-check.ts'
import { icmpCheck } from './icmp/icmp-check.ts'
import type { NetworkOptions } from './tcp/network-options.ts'
import { createTcpCheck } from './tcp/tcp-check.ts'
import { createTlsCheck } from './tls/tls-check.ts'

/** The kinds of checks that come along. @param beats is where services are heard that call us. */
export function builtInChecks(beats: Heartbeats, network: NetworkOptions = {}): readonly CheckKind[] {
  return [
    createHttpCheck(network),
    createTcpCheck(network),
    icmpCheck(),
    dnsCheck,
    createTlsCheck(network),
    dockerCheck,
    heartbeatCheck(beats),
  ]
}
