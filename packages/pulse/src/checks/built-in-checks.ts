import type { CheckKind } from './check.ts'
import { dnsCheck } from './dns/dns-check.ts'
import { dockerCheck } from './docker/docker-check.ts'
import { heartbeatCheck } from './heartbeat/heartbeat-check.ts'
import type { Heartbeats } from './heartbeat/heartbeats.ts'
import { httpCheck } from './http/http-check.ts'
import { icmpCheck } from './icmp/icmp-check.ts'
import { tcpCheck } from './tcp/tcp-check.ts'
import { tlsCheck } from './tls/tls-check.ts'

/** The kinds of checks that come along. @param beats is where services are heard that call us. */
export function builtInChecks(beats: Heartbeats): readonly CheckKind[] {
  return [httpCheck, tcpCheck, icmpCheck(), dnsCheck, tlsCheck, dockerCheck, heartbeatCheck(beats)]
}
