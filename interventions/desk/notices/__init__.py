"""The desk's notices: the list, writing one, sending it."""
