"""``python -m ramba``: programs that say `import numpy` run with Ramba, are compared and diagnosed."""
