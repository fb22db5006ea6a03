"""Formal requests: categories whose reports are a request in the eyes of the law, which silence answers."""
