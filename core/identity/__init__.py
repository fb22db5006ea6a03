"""Who is who: jurisdictions, bodies, sectors, users and their rights, contacts, tokens."""
