"""What can be reported, its extra questions, and which categories are formal requests."""
