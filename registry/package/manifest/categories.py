"""The ids of the default categories, for checks without a server and its database."""

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
