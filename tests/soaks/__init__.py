"""Long runs that found faults which nothing shorter shows."""
