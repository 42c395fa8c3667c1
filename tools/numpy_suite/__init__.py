"""NumPy's own tests, run on Ramba: `make numpy-tests`.

`copies` copies the tests that NumPy's wheel carries, with NumPy's names bound to ours; `run` runs each file in
processes of its own, in one of its modes; `plugin` is what pytest loads there; `table` writes what came of it into
docs/numpy-coverage.md. `left_out.txt` lists the tests that are not run, `slow.txt` those
that take more than ten times as long as with NumPy, with a reason for each line.
"""
