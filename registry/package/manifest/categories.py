"""The categories that an agent may choose from where no server is asked: their ids, in order."""

CATEGORIES = (
    "productivity",
    "developer-tools",
    "health-fitness",
    "education",
    "finance",
    "communication",
    "entertainment",
    "writing",
    "research",
    "data-analysis",
    "customer-support",
    "other",
)
