"""Storage: SQLite behind the rooms' store protocols."""
