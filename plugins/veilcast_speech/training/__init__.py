"""How the embedded language model is made; nothing here is used when the program runs."""
