"""Who runs the work, and how they are reached: threads, memory, workers, backends."""
