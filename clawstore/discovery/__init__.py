"""Discovery: what this shop offers to programs, and what a credential may do."""
