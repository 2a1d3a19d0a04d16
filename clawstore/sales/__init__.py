"""Pages that sell agents: price, invoice, purchases, offers and sales."""
