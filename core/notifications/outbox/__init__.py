"""The outbox: one row per message, recipient and channel, kept in the database until sent or given up."""
