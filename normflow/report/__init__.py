"""What people read: summaries and tables of runs, profiles and decisions."""
