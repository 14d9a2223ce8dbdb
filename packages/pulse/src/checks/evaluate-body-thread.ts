import { serve } from '@millrace/pool'
import { bodyTasks } from './evaluate-body-task.ts'

serve(bodyTasks)
