"""The resident's side: it owns the report — intake, duplicates, following, telling."""
