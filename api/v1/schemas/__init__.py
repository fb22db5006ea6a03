"""What requests carry and what answers look like, for parsing and for the document."""
