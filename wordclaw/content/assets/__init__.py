"""Assets: images, PDFs and texts that content refers to."""
