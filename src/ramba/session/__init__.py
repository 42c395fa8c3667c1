"""What NumPy has no word for: when work is done, who does it, and what is known of both."""
