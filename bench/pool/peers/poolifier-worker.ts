import { ThreadWorker } from 'poolifier'
import * as tasks from './exported-tasks.ts'

export default new ThreadWorker({ ...tasks })
