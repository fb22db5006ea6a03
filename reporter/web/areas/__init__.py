"""The pages of areas that are followed, of notices, and the feeds."""
