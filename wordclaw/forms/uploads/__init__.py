"""Files of forms: kept for a day, until the form is sent."""
