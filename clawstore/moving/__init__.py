"""Moving house: the whole catalogue into a folder and out of it again."""
