"""The resident's side: it owns the report."""
