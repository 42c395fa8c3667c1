"""The commands of `python -m ramba`."""
