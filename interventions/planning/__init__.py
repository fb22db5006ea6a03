"""Planning: giving, scheduling and announcing work."""
