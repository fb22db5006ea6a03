"""The desk's reports: the list, one report, what residents answered and added."""
