"""Pages of profiles and drawings of plans."""
