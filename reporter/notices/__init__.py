"""Notices of a jurisdiction: works, diversions, cuts, alerts."""
