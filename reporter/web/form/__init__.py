"""The form of a new report, and what its script asks while it is filled in."""
