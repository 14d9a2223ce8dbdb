import type { DevtoolsWindow } from '../../src/observe/devtools-tracks.ts'

/** An entry of a custom track, as the panel has it. */
export interface TrackEntry {
  readonly label: string
  readonly startMs: number
  readonly endMs: number
  readonly track: string
  readonly group: string
  readonly color: string
}

interface Detail {
  readonly devtools: {
    readonly dataType: string
    readonly track: string
    readonly trackGroup: string
    readonly color: string
  }
}

/** A window whose performance panel is recording. */
export class FakeDevtools implements DevtoolsWindow {
  readonly entries: TrackEntry[] = []
  /** Names of the measures in the page's own timeline. */
  measures: string[] = []
  readonly navigator: { readonly userAgent: string }

  constructor(userAgent: string) {
    this.navigator = { userAgent }
  }

  readonly console = {
    timeStamp: (label: string, startMs: number, endMs: number, track: string, group: string, color: string) => {
      this.entries.push({ label, startMs, endMs, track, group, color })
    },
  }

  readonly performance = {
    measure: (name: string, { start, end, detail }: { start: number; end: number; detail: unknown }) => {
      const { dataType, track, trackGroup, color } = (detail as Detail).devtools
      if (dataType !== 'track-entry') throw new Error('the panel shows no such entry')
      this.measures.push(name)
      this.entries.push({ label: name, startMs: start, endMs: end, track, group: trackGroup, color })
    },
    clearMeasures: (name: string) => {
      this.measures = this.measures.filter((other) => other !== name)
    },
  }
}
