"""Functions that work on one block in memory, with all threads of a team."""
