"""The documentation: what its pages show is true, and what they link to is there."""
