"""The outbox: what is owed to whom, over which channel, kept in the database until it is sent or given up."""
