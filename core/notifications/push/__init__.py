"""Web Push (RFC 8030, 8291, 8292): the browsers that asked to be told."""
