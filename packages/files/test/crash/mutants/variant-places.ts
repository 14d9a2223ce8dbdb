/** What a variant may need to know of the run it spoils. */
export interface VariantPlaces {
  readonly stateDir: string
  readonly out: string
}
