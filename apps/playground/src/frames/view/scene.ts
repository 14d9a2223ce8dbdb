import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DirectionalLight,
  FogExp2,
  Frustum,
  HemisphereLight,
  InstancedBufferAttribute,
  InstancedMesh,
  Matrix4,
  MeshLambertMaterial,
  PerspectiveCamera,
  Plane,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three'
import type { Sea } from '../sea/sea.ts'
import type { Splash } from '../systems/startle.ts'

const WATER = '#061019'

/** Shows a sea on a canvas; drag to look around, tap to throw something in. */
export class SeaScene {
  readonly #sea: Sea
  readonly #canvas: HTMLCanvasElement
  readonly #scene = new Scene()
  readonly #camera: PerspectiveCamera
  readonly #school: InstancedMesh
  readonly #frustum = new Frustum()
  readonly #seen = new Matrix4()
  readonly #unlisten = new AbortController()
  #renderer: WebGLRenderer | undefined
  #isDrawn = false
  #turn = 0.4
  #height = 0.42
  #away = 1.75

  constructor(canvas: HTMLCanvasElement, sea: Sea, onSplash: (at: Splash) => void) {
    this.#sea = sea
    this.#canvas = canvas
    this.#camera = new PerspectiveCamera(50, 1, 0.5, sea.radius * 6)
    this.#scene.background = new Color(WATER)
    this.#scene.fog = new FogExp2(WATER, 0.45 / sea.radius)
    this.#scene.add(new HemisphereLight('#a8e6ff', '#0a1420', 2.2))
    const sun = new DirectionalLight('#fff1d6', 2)
    sun.position.set(0.4, 1, 0.3)
    this.#scene.add(sun)

    this.#school = new InstancedMesh(fishGeometry(), new MeshLambertMaterial({ flatShading: true }), 0)
    this.#school.count = sea.count
    this.#school.instanceMatrix = new InstancedBufferAttribute(sea.matrices, 16)
    this.#school.instanceColor = new InstancedBufferAttribute(sea.colours, 3)
    // The system Visibility has done it.
    this.#school.frustumCulled = false
    this.#scene.add(this.#school)
    this.#listen(onSplash)
  }

  /**
   * Whether {@link SeaScene.draw} does anything.
   * @throws where the browser has no WebGL 2.
   */
  setDrawn(isDrawn: boolean): void {
    this.#isDrawn = isDrawn
    if (isDrawn) this.#renderer ??= new WebGLRenderer({ canvas: this.#canvas, antialias: true })
  }

  /** Moves the camera, and tells the systems what it sees. */
  look(seconds: number): void {
    this.#turn += seconds * 0.04
    const { radius, sight } = this.#sea
    const away = radius * this.#away * Math.max(1, 0.8 / Math.min(1, this.#camera.aspect))
    this.#camera.position.set(
      Math.cos(this.#turn) * Math.cos(this.#height) * away,
      Math.sin(this.#height) * away,
      Math.sin(this.#turn) * Math.cos(this.#height) * away,
    )
    this.#camera.lookAt(0, -radius * 0.05, 0)
    this.#camera.updateMatrixWorld()
    this.#frustum.setFromProjectionMatrix(
      this.#seen.multiplyMatrices(this.#camera.projectionMatrix, this.#camera.matrixWorldInverse),
    )
    this.#frustum.planes.forEach(({ normal, constant }, index) => {
      sight.planes.set([normal.x, normal.y, normal.z, constant], index * 4)
    })
    const { x, y, z } = this.#camera.position
    Object.assign(sight.position, { x, y, z })
  }

  draw(): void {
    if (this.#renderer === undefined || !this.#isDrawn) return
    this.#fit(this.#renderer)
    this.#school.instanceMatrix.needsUpdate = true
    if (this.#school.instanceColor) this.#school.instanceColor.needsUpdate = true
    this.#renderer.render(this.#scene, this.#camera)
  }

  close(): void {
    this.#unlisten.abort()
    this.#school.geometry.dispose()
    this.#school.dispose()
    this.#renderer?.dispose()
  }

  #fit(renderer: WebGLRenderer): void {
    const { clientWidth, clientHeight } = this.#canvas
    const ratio = Math.min(devicePixelRatio, 2)
    const { width, height } = this.#canvas
    if (width === Math.floor(clientWidth * ratio) && height === Math.floor(clientHeight * ratio)) return
    renderer.setPixelRatio(ratio)
    renderer.setSize(clientWidth, clientHeight, false)
    this.#camera.aspect = clientWidth / clientHeight
    this.#camera.updateProjectionMatrix()
  }

  #listen(onSplash: (at: Splash) => void): void {
    const { signal } = this.#unlisten
    let moved = 0
    const follow = ({ movementX, movementY, buttons }: PointerEvent) => {
      if (buttons === 0) return
      moved += Math.abs(movementX) + Math.abs(movementY)
      this.#turn += movementX * 0.005
      this.#height = Math.min(1.4, Math.max(-0.2, this.#height + movementY * 0.004))
    }
    const zoom = (event: WheelEvent) => {
      event.preventDefault()
      this.#away = Math.min(3, Math.max(0.6, this.#away * 1.001 ** event.deltaY))
    }
    this.#canvas.addEventListener('wheel', zoom, { signal, passive: false })
    this.#canvas.addEventListener('pointerdown', () => (moved = 0), { signal })
    this.#canvas.addEventListener('pointermove', follow, { signal })
    this.#canvas.addEventListener('pointerup', (event) => moved < 6 && onSplash(this.#pointAt(event)), { signal })
  }

  /** Where a ray through the pointer meets the middle of the water. */
  #pointAt({ offsetX, offsetY }: PointerEvent): Splash {
    const { clientWidth, clientHeight } = this.#canvas
    const pointer = new Vector2((offsetX / clientWidth) * 2 - 1, 1 - (offsetY / clientHeight) * 2)
    const ray = new Raycaster()
    ray.setFromCamera(pointer, this.#camera)
    const met = ray.ray.intersectPlane(new Plane(new Vector3(0, 1, 0), 0), new Vector3())
    return met === null ? { x: 0, y: 0, z: 0 } : { x: met.x, y: met.y, z: met.z }
  }
}

/** A body of two pyramids, and a tail fin; it looks along z. */
function fishGeometry(): BufferGeometry {
  const nose = [0, 0, 0.62]
  const tail = [0, 0, -0.6]
  const ring = [
    [0.15, 0, 0.14],
    [0, 0.2, 0.1],
    [-0.15, 0, 0.14],
    [0, -0.2, 0.1],
  ]
  const triangles: number[][] = []
  ring.forEach((corner, index) => {
    const next = ring[(index + 1) % ring.length]!
    triangles.push(nose, corner, next, tail, next, corner)
  })
  const [upper, lower] = [
    [0, 0.22, -0.92],
    [0, -0.22, -0.92],
  ] as const
  const root = [0, 0, -0.42]
  triangles.push(root, [...upper], [...lower], root, [...lower], [...upper])
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(triangles.flat()), 3))
  geometry.computeVertexNormals()
  return geometry
}
