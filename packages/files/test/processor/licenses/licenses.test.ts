import all from 'spdx-license-list/full.js'
import { describe, expect, test } from 'vitest'
import { type LicensesRecord, licenses } from '../../../src/processor/licenses/licenses.ts'
import { inputOf } from '../input.ts'

const of = async (path: string, text: string) => (await licenses.process(inputOf(path, text))) as LicensesRecord

const APACHE_HEADER = `/*
 * Copyright 2024 The Authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 */
`

describe('licenses', () => {
  test.each([
    [
      'a.c',
      '/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */\n',
      'GPL-2.0-only WITH Linux-syscall-note',
      'tag',
    ],
    ['a.ts', '// SPDX-License-Identifier: (MIT OR Apache-2.0)\n', '(MIT OR Apache-2.0)', 'tag'],
    ['package.json', '{\n  "name": "a",\n  "license": "ISC"\n}\n', 'ISC', 'manifest'],
    ['Cargo.toml', '[package]\nlicense = "MIT OR Apache-2.0"\n', 'MIT OR Apache-2.0', 'manifest'],
    ['a.java', APACHE_HEADER, 'Apache-2.0', 'notice'],
    [
      'a.py',
      '# This program is free software under the GNU General Public License as published by\n# the FSF, either version 3 of the License, or (at your option) any later version.\n',
      'GPL-3.0-or-later',
      'notice',
    ],
    ['a.go', 'package a\n', null, null],
  ])('%s', async (path, text, license, from) => {
    expect(await of(path, text)).toMatchObject({ license, from, invalid: [], text: null })
  })

  test.each(['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MPL-2.0', 'Unlicense'])(
    'knows the text of %s again, with names filled in',
    async (identifier) => {
      const text = all[identifier]!.licenseText.replace(/<year>|\$\{year\}/g, '2026').replace(
        /<(?:copyright holders|owner)>/g,
        'Ada and others',
      )
      const record = await of('LICENSE', text)
      expect(record.text?.identifiers).toContain(identifier)
      expect(record.text!.similarity).toBeGreaterThan(0.95)
      expect(record.from).toBe('text')
    },
  )

  test('of the GPL both, for its text does not tell whether later versions will do', async () => {
    const { license } = await of('COPYING', all['GPL-3.0-only']!.licenseText)
    expect(license).toBe('GPL-3.0-only OR GPL-3.0-or-later')
  })

  test('another text is none, and an expression that is none is told', async () => {
    expect(await of('LICENSE', 'All rights reserved. Ask us.\n')).toMatchObject({
      license: null,
      from: null,
      text: null,
    })
    expect(await of('a.ts', '// SPDX-License-Identifier: Mine and yours\n')).toMatchObject({
      license: null,
      invalid: ['Mine and yours'],
    })
  })

  test('holders of the copyright, each once', async () => {
    const text =
      '# Copyright (c) 2020 Ada\n# Copyright (c) 2020 Ada\n# SPDX-FileCopyrightText: 2021 Bo\nx = "copyright"\n'
    expect((await of('a.py', text)).copyrights).toEqual(['Copyright (c) 2020 Ada', 'SPDX-FileCopyrightText: 2021 Bo'])
  })

  test('takes programs, manifests and files named as licences', () => {
    const takes = (path: string) => licenses.match(inputOf(path, '').file)
    expect(['a.ts', 'x/package.json', 'LICENSE', 'LICENCE.md', 'COPYING', 'UNLICENSE'].every(takes)).toBe(true)
    expect(['a.json', 'README.md', 'x.png'].some(takes)).toBe(false)
  })
})
