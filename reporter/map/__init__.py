"""What maps show: points, and counts per tile."""
