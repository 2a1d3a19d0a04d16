"""What other sites and readers take from here: feeds, badges, cards, pictures.

Every answer is as nobody sees the shop, whoever asks, so that caches can share it; every address in
one begins with BASE_URL, whatever host was asked for."""
