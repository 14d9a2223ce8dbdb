import { Ring, Slots } from '@millrace/kernel'
import { Sema } from 'async-sema'
import fastq from 'fastq'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { mix } from './mix.ts'

const ITEMS = 50_000
const TASKS = 20_000
const MAX = 8
const tasks = Array.from({ length: TASKS }, (_, id) => ({ id }))
type Task = (typeof tasks)[number]

/** What does a limit of tasks in flight cost by itself, and in front of a queue? */
export default async function slots(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'slots/acquire-release',
    items: ITEMS,
    ours: () => {
      const limit = new Slots({ max: MAX })
      let acquired = 0
      for (let index = 0; index < ITEMS; index++) {
        if (limit.tryAcquire()) acquired++
        else limit.release()
      }
      return acquired
    },
    peers: [
      {
        name: 'bare counter',
        goal: WITHIN_4X,
        pass: () => {
          const inFlight = new Int32Array(1)
          let acquired = 0
          for (let index = 0; index < ITEMS; index++) {
            if (inFlight[0]! < MAX) {
              inFlight[0]!++
              acquired++
            } else inFlight[0]!--
          }
          return acquired
        },
      },
      {
        name: 'async-sema',
        goal: AHEAD,
        pass: () => {
          const limit = new Sema(MAX)
          let acquired = 0
          for (let index = 0; index < ITEMS; index++) {
            if (limit.tryAcquire() !== undefined) acquired++
            else limit.release()
          }
          return acquired
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'slots/queue-and-run',
    items: TASKS,
    ours: () => {
      const queue = new Ring<Task>()
      const limit = new Slots({ max: MAX })
      let checksum = 0
      const startWhatFits = () => {
        while (queue.size > 0 && limit.tryAcquire()) checksum = mix(checksum, queue.shift()!.id)
      }
      for (const task of tasks) {
        queue.push(task)
        startWhatFits()
      }
      while (limit.inFlight > 0) {
        limit.release()
        startWhatFits()
      }
      return checksum
    },
    peers: [
      { name: 'bare array and counter', goal: WITHIN_4X, pass: arrayPass },
      {
        name: 'fastq',
        goal: AHEAD,
        pass: () => {
          let checksum = 0
          const inFlight: ((error: null) => void)[] = []
          const queue = fastq<Task>((task, done) => {
            checksum = mix(checksum, task.id)
            inFlight.push(done)
          }, MAX)
          for (const task of tasks) queue.push(task)
          for (let done = inFlight.pop(); done !== undefined; done = inFlight.pop()) done(null)
          return checksum
        },
      },
    ],
  })
}

function arrayPass(): number {
  const queue: Task[] = []
  let next = 0
  let inFlight = 0
  let checksum = 0
  const startWhatFits = () => {
    while (next < queue.length && inFlight < MAX) {
      inFlight++
      checksum = mix(checksum, queue[next++]!.id)
    }
  }
  for (const task of tasks) {
    queue.push(task)
    startWhatFits()
  }
  while (inFlight > 0) {
    inFlight--
    startWhatFits()
  }
  return checksum
}
