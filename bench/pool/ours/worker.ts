import { serve } from '@millrace/pool'
import { tasks } from './tasks.ts'

serve(tasks)
