/** The lanes in which the page's own systems share a budget, with their weights. */
export const LANES = [
  { name: 'physics', weight: 6, colour: '#f4b860', tells: 'bodies in three worlds' },
  { name: 'flight', weight: 3, colour: '#4cc9f0', tells: 'pieces without a body' },
  { name: 'bodies', weight: 3, colour: '#b79cf2', tells: 'colliders for new pieces' },
  { name: 'sparks', weight: 1, colour: '#ff8fa3', tells: 'sparks and dust' },
  { name: 'light', weight: 1, colour: '#f7e38b', tells: 'the light on everything' },
  { name: 'clean-up', weight: 1, colour: '#52d6a4', tells: 'old debris fades' },
] as const

export const FRACTURE_COLOUR = '#ff7b54'
export const RENDER_COLOUR = '#27384a'

export type LaneName = (typeof LANES)[number]['name']
