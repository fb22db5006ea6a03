"""What the administrator sets up from the screen: the start page, and how the jurisdiction speaks with people."""
