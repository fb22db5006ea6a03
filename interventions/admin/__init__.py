"""What the administrator sets up of the services: categories and teams from a file."""
