"""The demonstration town, made with the same verbs as everybody's."""
