"""Work orders: made, executed, listed, and what they do to the reports they answer."""
