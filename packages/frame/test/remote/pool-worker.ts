import { serve } from '@millrace/pool'
import { tasks } from './pool-tasks.ts'

serve(tasks)
