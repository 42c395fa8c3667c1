"""Other libraries with our arrays: one file for each, run whole by `make neighbours`."""
