import workerpool from 'workerpool'
import * as tasks from './exported-tasks.ts'

workerpool.worker({ ...tasks })
