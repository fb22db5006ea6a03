"""The photos of the demonstration, drawn."""
