"""Review tasks: submitting an item, claiming a task, and deciding it."""
