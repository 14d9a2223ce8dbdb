import { describe, expect, test } from 'vitest'
import { kindOf, languageOf } from '../../src/discovery/language.ts'

describe('source', () => {
  test.each([
    ['a.js', 'javascript'],
    ['a.min.js', 'javascript'],
    ['a.mjs', 'javascript'],
    ['a.cjs', 'javascript'],
    ['a.jsx', 'jsx'],
    ['a.ts', 'typescript'],
    ['a.d.ts', 'typescript'],
    ['a.mts', 'typescript'],
    ['a.cts', 'typescript'],
    ['a.d.mts', 'typescript'],
    ['a.tsx', 'tsx'],
    ['a.py', 'python'],
    ['a.PY', 'python'],
    ['A.java', 'java'],
    ['a.go', 'go'],
    ['a.rs', 'rust'],
    ['a.c', 'c'],
    ['a.h', 'c'],
    ['a.cpp', 'cpp'],
    ['a.hpp', 'cpp'],
    ['a.cs', 'csharp'],
    ['a.rb', 'ruby'],
    ['a.php', 'php'],
    ['a.sh', 'bash'],
    ['a.sql', 'sql'],
    ['a.kt', 'kotlin'],
    ['a.swift', 'swift'],
    ['a.scala', 'scala'],
    ['Makefile', 'makefile'],
    ['Dockerfile', 'dockerfile'],
    ['CMakeLists.txt', 'cmake'],
    ['Rakefile', 'ruby'],
  ])('%s is %s', (name, language) => {
    expect({ language: languageOf(name), kind: kindOf(name) }).toEqual({ language, kind: 'source' })
  })
})

describe('syntax trees', () => {
  test.each([
    ['a.ast.json', null],
    ['a.syntax.json', null],
    ['a_ast.json', null],
    ['a.ts.ast.json', 'typescript'],
    ['a.py_ast.json', 'python'],
    ['a.css.syntax.json', null],
    ['a.ts.json', 'typescript'],
    ['a.test.tsx.json', 'tsx'],
    ['a.js.json', 'javascript'],
    ['a.py.json', 'python'],
    ['a.python.json', 'python'],
    ['a.cpp.json', 'cpp'],
    ['a.csharp.json', 'csharp'],
    ['a.perl.json', 'perl'],
    ['a.Java.json', 'java'],
  ])('%s is a tree of %s', (name, language) => {
    expect({ language: languageOf(name), kind: kindOf(name) }).toEqual({ language, kind: 'ast' })
  })
})

describe('other', () => {
  test.each([
    ['package.json', 'json'],
    ['tsconfig.json', 'json'],
    ['tsconfig.build.json', 'json'],
    ['typescript.json', 'json'],
    ['.ts.json', 'json'],
    ['.ast.json', 'json'],
    ['messages.pl.json', 'json'],
    ['a.html.json', 'json'],
    ['a.html', 'html'],
    ['a.css', 'css'],
    ['a.yml', 'yaml'],
    ['README.md', 'markdown'],
    ['a.d.ts.map', null],
    ['a.js.map', null],
    ['a.png', null],
    ['LICENSE', null],
    ['.js', null],
    ['.gitignore', null],
    ['a.', null],
    ['constructor', null],
    ['a.constructor', null],
    ['', null],
  ])('%s is %s', (name, language) => {
    expect({ language: languageOf(name), kind: kindOf(name) }).toEqual({ language, kind: 'other' })
  })
})
