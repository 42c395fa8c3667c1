"""One file per question. Each has `answers()`, which returns the lines of the table."""
