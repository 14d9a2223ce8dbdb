declare module 'polybooljs' {
  export interface PolyBoolPolygon {
    readonly regions: [number, number][][]
    readonly inverted: boolean
  }
  const polybool: {
    union(one: PolyBoolPolygon, other: PolyBoolPolygon): PolyBoolPolygon
    xor(one: PolyBoolPolygon, other: PolyBoolPolygon): PolyBoolPolygon
  }
  export default polybool
}
