"""Contracts for machines: they parse and render; every rule is in the verbs below."""
