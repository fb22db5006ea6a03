"""The report: intake, transitions, history, duplicates, lists, import."""
