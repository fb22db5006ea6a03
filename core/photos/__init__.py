"""Photos: accepted quickly, processed by a worker, public only once nothing private is left in them."""
