"""What is owed to people and programs, over which channel, until it is sent or given up."""
