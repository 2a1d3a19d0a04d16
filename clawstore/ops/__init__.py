"""How one runs it: is it well, what does it do, how quick is it."""
