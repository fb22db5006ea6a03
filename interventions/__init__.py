"""The services' side: it owns the work — triage, routing, work orders, crews; the desk and the field pages."""
