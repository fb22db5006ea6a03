"""The demonstration town, Villeclaire: its texts, its map, its drawn photos and six months of its life."""
