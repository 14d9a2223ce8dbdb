/**
 * Phrases by which the headers of files name their licence, in words as {@link wordsOf} leaves them, and the licence's SPDX identifier. The first that is
 * found stands; those that say more come before those that say less.
 */
const NOTICES: readonly (readonly [identifier: string, ...phrases: string[]])[] = [
  ['Apache-2.0', 'licensed under the apache license version 2 0'],
  ['MPL-2.0', 'subject to the terms of the mozilla public license v 2 0'],
  ['EPL-2.0', 'under the terms of the eclipse public license 2 0'],
  ['BSL-1.0', 'distributed under the boost software license version 1 0'],
  ['CDDL-1.0', 'subject to the terms of the common development and distribution license'],
  [
    'AGPL-3.0-or-later',
    'gnu affero general public license',
    'either version 3 of the license or at your option any later version',
  ],
  ['AGPL-3.0-only', 'gnu affero general public license', 'version 3'],
  [
    'LGPL-3.0-or-later',
    'gnu lesser general public license',
    'either version 3 of the license or at your option any later version',
  ],
  [
    'LGPL-2.1-or-later',
    'gnu lesser general public license',
    'either version 2 1 of the license or at your option any later version',
  ],
  [
    'LGPL-2.0-or-later',
    'gnu library general public license',
    'either version 2 of the license or at your option any later version',
  ],
  [
    'GPL-3.0-or-later',
    'gnu general public license',
    'either version 3 of the license or at your option any later version',
  ],
  [
    'GPL-2.0-or-later',
    'gnu general public license',
    'either version 2 of the license or at your option any later version',
  ],
  ['GPL-3.0-only', 'gnu general public license', 'version 3'],
  ['GPL-2.0-only', 'gnu general public license', 'version 2'],
  [
    'MIT',
    'permission is hereby granted free of charge to any person obtaining a copy',
    'to use copy modify merge publish distribute sublicense',
  ],
  [
    'ISC',
    'permission to use copy modify and or distribute this software for any purpose with or without fee is hereby granted',
    'provided that the above copyright notice',
  ],
  ['BSD-3-Clause', 'redistribution and use in source and binary forms', 'neither the name'],
  ['BSD-2-Clause', 'redistribution and use in source and binary forms'],
  ['Unlicense', 'this is free and unencumbered software released into the public domain'],
  ['CC0-1.0', 'cc0 1 0 universal'],
]

/** The licence that a header's words name, or undefined. */
export function noticeIn(words: readonly string[]): string | undefined {
  const text = ` ${words.join(' ')} `
  return NOTICES.find(([, ...phrases]) => phrases.every((phrase) => text.includes(` ${phrase} `)))?.[0]
}

/** The words of a text, in lower case, without signs: what differs between copies of a licence stays out. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
