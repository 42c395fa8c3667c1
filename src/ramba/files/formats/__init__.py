"""One file per format: its `FORMAT` says what it can do. The libraries of others are imported at the first use."""
