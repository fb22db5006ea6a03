"""The resources of API v1: they parse and render; every rule is in the verbs below."""
