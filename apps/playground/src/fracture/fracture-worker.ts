import '@millrace/fracture/worker'
