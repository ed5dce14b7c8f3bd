"""How batch work waits for its turn: quotas, cohorts and priorities, carried out by Kueue."""
