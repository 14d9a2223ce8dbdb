import { type CommandOptions, commandIntervention } from './command-intervention.ts'
import { dockerIntervention } from './docker-intervention.ts'
import type { InterventionKind } from './intervention.ts'
import { systemdIntervention } from './systemd-intervention.ts'
import { webhookIntervention } from './webhook-intervention.ts'

/** The kinds of interventions that come along. @param commands says which programs `command` may run: none unless told. */
export function builtInInterventions(commands: CommandOptions = {}): readonly InterventionKind[] {
  return [dockerIntervention, webhookIntervention, systemdIntervention(), commandIntervention(commands)]
}
