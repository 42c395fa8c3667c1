"""Hosts with a network in between, on one machine: what the model of `docs/scale.md` says, and what is measured."""
