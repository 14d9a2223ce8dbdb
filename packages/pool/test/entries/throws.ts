throw new Error('a broken entry')
