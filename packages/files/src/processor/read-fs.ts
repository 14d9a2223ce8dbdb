import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** What reading a file asks of the file system; every call throws the operating system's error. */
export interface ReadFs {
  /** Gives a descriptor, without waiting for anything but the disk. */
  open(path: string): number
  fstat(descriptor: number): BigIntStats
  /** Gives the number of bytes read on from where the read before ended; 0 at the file's end. */
  read(descriptor: number, buffer: Buffer, offset: number, length: number): number
  close(descriptor: number): void
}

// A FIFO that took a file's place answers O_NONBLOCK at once instead of waiting for a writer. Windows knows no such flag.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** The file system of this machine. */
export const diskFs: ReadFs = {
  open: (path) => openSync(path, FLAGS),
  fstat: (descriptor) => fstatSync(descriptor, { bigint: true }),
  read: (descriptor, buffer, offset, length) => readSync(descriptor, buffer, offset, length, null),
  close: (descriptor) => closeSync(descriptor),
}
