"""The services' side: it owns the work."""
