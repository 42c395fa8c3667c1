"""Programs that loop in Python over slices, rows, time steps or small matrices: where the cost of a call decides.

Arrays have a hundred to a million elements. Each program is ordinary NumPy, `(np, inputs...) -> number or array`; the
module that runs it is an argument, as in `benchmarks.programs`.
"""
