"""What the administrator sets up from the screen: the start page, and how the town speaks with people."""
