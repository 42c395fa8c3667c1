"""What one process does with a block, on all threads of its team; no room here knows of workers."""
