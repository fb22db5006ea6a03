"""What residents answer: is it repaired, questions, "me too", comments."""
