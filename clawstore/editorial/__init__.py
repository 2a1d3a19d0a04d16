"""Pages that show content: policies, news, collections, guides, questions."""
