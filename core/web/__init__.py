"""What every request passes through: rights, limits, errors, headers, pages, form answers, and what leaves over
HTTP."""
