"""The answer back: is it repaired, a question answered, "me too", comments."""
