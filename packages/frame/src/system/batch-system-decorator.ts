import { MillraceError } from '@millrace/kernel/errors'
import type { BatchController } from '../frame.ts'
import type { BatchSystem } from './batch-system.ts'
import type { AnySystem } from './registered-system.ts'
import type { SystemFrame } from './system-frame.ts'
import type { SystemId } from './system-id.ts'
import type { SystemIdOfRun } from './system-id-of.ts'

/** Of a method that has a job every frame; the fields are those of a `BatchSystem`. */
export interface RecurringMethodOptions extends Omit<BatchSystem<void>, 'type' | 'run' | 'decode'> {
  readonly recurring?: true
}

/** Of a method that runs what is submitted. */
export interface SubmittedMethodOptions<Input> extends Omit<BatchSystem<Input>, 'type' | 'run' | 'everyFrames'> {
  readonly recurring: false
}

type Method<This, Input> = (this: This, frame: SystemFrame, input: Input) => unknown

type MethodDecorator<Known> = <This extends object, Input extends Known>(
  method: Method<This, Input>,
  context: ClassMethodDecoratorContext<This, Method<This, Input>>,
) => void

/** The systems that an instance's methods have become, in the order of its class, what is inherited first. */
export interface MethodSystems<Instance> extends ReadonlyArray<SystemId<never>> {
  /**
   * The system of a method, to submit jobs to it.
   * @throws {MillraceError} `SYSTEM_INVALID` when it was not decorated.
   */
  of<Name extends keyof Instance>(method: Name): SystemIdOfRun<Instance[Name]>
}

/** What is needed of a `ClassMethodDecoratorContext` of any class. */
interface MethodContext {
  readonly kind: string
  readonly name: string | symbol
  readonly static: boolean
  readonly private: boolean
  readonly access: { get(instance: object): unknown }
  addInitializer(initializer: (this: object) => void): void
}

interface DecoratedMethod {
  readonly name: string | symbol
  readonly type: string
  readonly options: Omit<AnySystem, 'type' | 'run'>
  /** The method as the instance has it, which a subclass may have overridden. */
  of(instance: object): unknown
}

/** By instance: each of its decorated methods by name, private ones, of which there may be two of one name, by their context. */
const decorated = new WeakMap<object, Map<unknown, DecoratedMethod>>()

/**
 * Makes a method a system of lane `type`, once its instance is given to {@link registerBatchSystems}. It may be private, inherited, async
 * or a generator, and keeps its `this`.
 *
 * A decorator as TC39 has them: to be compiled without `experimentalDecorators`.
 * @throws {MillraceError} `SYSTEM_INVALID`, when the class is defined, for what is no method of instances.
 */
export function batchSystem(type: string, options: RecurringMethodOptions): MethodDecorator<void>
export function batchSystem<Input = unknown>(
  type: string,
  options: SubmittedMethodOptions<Input>,
): MethodDecorator<Input>
export function batchSystem(type: string, options: DecoratedMethod['options']) {
  return (_method: unknown, context: MethodContext): void => {
    checkContext(context)
    const { name, access } = context
    const key = context.private ? context : name
    const method: DecoratedMethod = { name, type, options, of: (instance) => access.get(instance) }
    context.addInitializer(function () {
      const methods = decorated.get(this) ?? new Map<unknown, DecoratedMethod>()
      decorated.set(this, methods.set(key, method))
    })
  }
}

/**
 * Registers every decorated method of `instance`, inherited ones too, bound to it; one that overrides another, once, with its own options
 * if it is decorated and else with those of the other. All are registered, or none.
 * @throws {MillraceError} `SYSTEM_INVALID` when no method of it is decorated; and as `register` throws.
 */
export function registerBatchSystems<Instance extends object>(
  controller: Pick<BatchController<never>, 'register' | 'unregister'>,
  instance: Instance,
): MethodSystems<Instance> {
  const methods = decorated.get(instance)
  if (methods === undefined) {
    throw invalid(`registerBatchSystems: no method of this ${classOf(instance)} is decorated with @batchSystem(…)`)
  }
  const ids = new Map<unknown, SystemId<never>>()
  try {
    for (const [key, method] of methods) ids.set(key, controller.register(systemOf(method, instance)))
  } catch (error) {
    for (const id of ids.values()) controller.unregister(id)
    throw error
  }
  const of = (name: unknown): SystemId<never> => {
    const id = ids.get(name)
    if (id !== undefined) return id
    throw invalid(`${classOf(instance)}.${String(name)} is not decorated with @batchSystem(…), and no system`)
  }
  return Object.assign([...ids.values()], { of }) as unknown as MethodSystems<Instance>
}

function systemOf({ name, type, options, of }: DecoratedMethod, instance: object): BatchSystem<never, unknown, never> {
  const method = of(instance)
  const title = `${classOf(instance)}.${String(name)}`
  if (typeof method !== 'function') throw invalid(`${title} is overridden by what is no method`)
  const system: AnySystem = { name: title, ...options, type, run: method.bind(instance) }
  return system as BatchSystem<never, unknown, never>
}

function classOf(instance: object | undefined): string {
  return instance?.constructor?.name ?? 'value'
}

function checkContext(context: MethodContext | string | symbol | undefined): void {
  if (typeof context !== 'object') {
    throw invalid(
      '@batchSystem is a standard decorator; compile without experimentalDecorators, and call it: @batchSystem(type, { cost })',
    )
  }
  const { kind, name } = context
  if (kind !== 'method') throw invalid(`@batchSystem is for methods, and ${String(name)} is a ${kind}`)
  if (context.static) throw invalid(`@batchSystem is for methods of instances, and ${String(name)} is static`)
}

function invalid(message: string): MillraceError {
  return new MillraceError('SYSTEM_INVALID', message)
}
