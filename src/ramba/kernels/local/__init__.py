"""Work on one block in memory, with all threads of a team: nothing here knows of workers or of our arrays."""
