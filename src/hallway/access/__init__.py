"""Who may what: principals, callers and policy. No HTTP, no storage."""
