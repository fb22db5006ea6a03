"""The words of each event, as the town changed them."""
