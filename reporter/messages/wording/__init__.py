"""The words of each message, as the jurisdiction changed them."""
