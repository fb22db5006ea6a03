"""Around here: following an area, and the notices that a town publishes."""
