"""The desk's work orders: the list, one of them, making one."""
