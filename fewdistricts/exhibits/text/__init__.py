"""Which words a result earns, and the words themselves in each language."""
