"""Hostile peers, secrets and permissions."""
