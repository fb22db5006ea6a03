"""Around here: who follows which area, the notices of a town, and its feeds."""
